module LongTail.Tests.Mutation.Results

let private file name = "src/Dsl.FSharp/" + name

let defects =
    [
        {
            Name = "the t-test is one-sided"
            File = file "Statistics/PairedT.fs"
            Changes = [ ("2. * StudentT.CDF", "StudentT.CDF") ]
            CaughtBy = "of two and three pairs is that of the closed forms"
        }
        {
            Name = "a file of the same length holds the same bytes"
            File = file "Digest.fs"
            Changes = [ ("if ofFile path = ended then", "if true then") ]
            CaughtBy = "the bytes of a checkpoint are verify's to read"
        }
        {
            Name = "every tau is trained"
            File = file "Identity.fs"
            Changes = [ ("EvaluationSettings.Plain", "run.Evaluation") ]
            CaughtBy = "of five taus is trained once by 1 workers"
        }
        {
            Name = "a run that selects its epoch takes the last one's values"
            File = file "Identity.fs"
            Changes = [ ("if run.Evaluation.BestOnTest then", "if false then") ]
            CaughtBy = "is no other's where a run is judged after every epoch"
        }
        {
            Name = "a run is evaluated from whatever bytes a checkpoint has"
            File = file "StoredTraining.fs"
            Changes =
                [
                    ("match RunFolder.verify Kept.Training (Store.folder there name) with", "match [] with")
                ]
            CaughtBy = "holds other bytes of the same number"
        }
        {
            Name = "gc takes what an evaluation needs"
            File = file "Commands/Garbage.fs"
            Changes = [ (" && not (needed.Contains training) ->", " ->") ]
            CaughtBy = "is kept by gc as long as"
        }
        {
            Name = "a run's other files are not looked at"
            File = file "RunFolder.fs"
            Changes = [ ("yield! held Digest.glance kept folder", "yield! []") ]
            CaughtBy = "whose metrics.jsonl is emptied is damaged"
        }
        {
            Name = "a digest need not tell of every file"
            File = file "Digest.fs"
            Changes = [ ("List.filter (digest.ContainsKey >> not)", "List.filter (fun _ -> false)") ]
            CaughtBy = "whose digest.json is told of nothing is damaged"
        }
        {
            Name = "a folder's name says what is in it"
            File = file "RunFolder.fs"
            Changes =
                [
                    ("| Some name when name <> string (Path.GetFileName folder) ->", "| Some name when name = \"\" ->")
                ]
            CaughtBy = "a folder that was copied to another name is damaged"
        }
        {
            Name = "a full disk is tried with the next run"
            File = file "Runner.fs"
            Changes = [ (" || failure.Cause = Unwritable then", " then") ]
            CaughtBy = "a disk that fills ends the sweep"
        }
        {
            Name = "ranks share no place where they are tied"
            File = file "Statistics/Wilcoxon.fs"
            Changes = [ ("2 * below + alike + 1)", "2 * below + 2)") ]
            CaughtBy = "agrees with counting out every way to sign the ranks"
        }
        {
            Name = "the approximation is without continuity"
            File = file "Statistics/Wilcoxon.fs"
            Changes = [ ("(abs (float positive - half) - 1.)", "(abs (float positive - half))") ]
            CaughtBy = "beyond 25 pairs it is the normal distribution's, corrected for ties and continuity"
        }
        {
            Name = "Holm is Bonferroni"
            File = file "Statistics/Holm.fs"
            Changes = [ ("float (m - before) * p", "float m * p") ]
            CaughtBy = "by hand, in the order given"
        }
        {
            Name = "a loss that rose is passed over"
            File = file "Curve.fs"
            Changes = [ ("last > first * (1. + clear)", "last < first * -1.") ]
            CaughtBy = "a training loss that rose is told"
        }
        {
            Name = "a loss is never flat"
            File = file "Curve.fs"
            Changes = [ ("not judged.IsEmpty && (", "judged.IsEmpty && (") ]
            CaughtBy = "a loss that goes up and down and nowhere is no training"
        }
        {
            Name = "guessing counts as learning"
            File = file "Learnt.fs"
            Changes = [ ("<= share + 2. *", "<= -1. + 0. *") ]
            CaughtBy = "what is no better than chance"
        }
        {
            Name = "comparisons are not corrected"
            File = file "Report/Lead.fs"
            Changes =
                [
                    ("                    Adjusted = p\n                    Ranks = ranks",
                     "                    Ranks = ranks")
                ]
            CaughtBy = "the terminal's tables"
        }
        {
            Name = "a range has one end"
            File = file "Check.fs"
            Changes =
                [
                    ("elif percent > high then Outside(percent - high)", "elif percent > 100. then NoResult")
                ]
            CaughtBy = "the table, its summary and the complaints"
        }
        {
            Name = "a part of the seeds is a result to check"
            File = file "Check.fs"
            Changes = [ ("if values.Length = hashes.Length then", "if not values.IsEmpty then") ]
            CaughtBy = "the table, its summary and the complaints"
        }
    ]

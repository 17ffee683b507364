module LongTail.Tests.Mutation.Language

let private file name = "src/Dsl.FSharp/" + name

let defects =
    [
        {
            Name = "of the data folders the first counts"
            File = file "Place.fs"
            Changes =
                [
                    ("DataFolder.Of(source, ResizeArray place.DataFolders)",
                     "DataFolder.Of(source, ResizeArray(List.truncate 1 place.DataFolders))")
                ]
            CaughtBy = "each set is found in the folder that holds it"
        }
        {
            Name = "runs are kept in the current folder"
            File = file "Session.fs"
            Changes =
                [
                    ("session.Script |> Option.map folderOf |> Option.defaultValue here", "here")
                ]
            CaughtBy = "runs are kept in the root of the script's repository"
        }
        {
            Name = "a frozen backbone is saved"
            File = file "Request.fs"
            Changes = [ ("if not (Resolution.trains Backbone e.Model) then", "if false then") ]
            CaughtBy = "a backbone that nothing moves is not saved"
        }
        {
            Name = "a run's name leaves out its seed"
            File = file "Identity.fs"
            Changes =
                [
                    ("not (operational.Contains", "property.Name <> \"Seed\" && not (operational.Contains")
                ]
            CaughtBy = "every field changes the name, but where files lie"
        }
        {
            Name = "a run's name holds where its weights lie"
            File = file "Identity.fs"
            Changes = [ ("nameof PretrainedBackbone", "nameof DrawnBackbone") ]
            CaughtBy = "every field changes the name, but where files lie"
        }
        {
            Name = "numbers are named in single precision"
            File = file "Identity.fs"
            Changes = [ ("json.WriteNumberValue number", "json.WriteNumberValue(float32 number)") ]
            CaughtBy = "numbers read back as the same value"
        }
        {
            Name = "a run's name leaves out the case"
            File = file "Identity.fs"
            Changes = [ ("""json.WriteString("case", kind.Name)""", "()") ]
            CaughtBy = "what differs by its case alone has another name"
        }
        {
            Name = "the plan does not look in the store"
            File = file "Plan.fs"
            Changes = [ ("Result = stored |> Result.toOption |> Option.flatten", "Result = None") ]
            CaughtBy = "a plan lists every run once and what the store has"
        }
        {
            Name = "a run that two values mean is planned twice"
            File = file "Plan.fs"
            Changes = [ ("|> List.distinctBy (fun (_, _, hash, _) -> hash)", "") ]
            CaughtBy = "a plan lists every run once"
        }
        {
            Name = "a run that breaks ends the sweep"
            File = file "Runner.fs"
            Changes = [ ("if policy.Failures = StopAtFirst ||", "if true ||") ]
            CaughtBy = "the others run"
        }
        {
            Name = "a run needs no lock"
            File = file "Runner.fs"
            Changes = [ ("// Another process may", "held.Dispose() // Another process may") ]
            CaughtBy = "compute every run once"
        }
        {
            Name = "the store is not looked at again under the lock"
            File = file "Runner.fs"
            Changes =
                [
                    ("match StoredRun.attempt Store.result store run.Hash with",
                     "match (Ok run.Result: Result<_, exn>) with")
                ]
            CaughtBy = "compute every run once"
        }
        {
            Name = "a loss that diverged is tried again"
            File = file "Failure.fs"
            Changes = [ ("| Diverged -> false", "| Diverged -> true") ]
            CaughtBy = "is not tried again"
        }
        {
            Name = "zip pairs what it can"
            File = file "Variation.fs"
            Changes = [ ("if x = y then", "if x >= y then") ]
            CaughtBy = "zip of unequal lengths is a problem of the plan"
        }
        {
            Name = "a sweep keeps what comes twice"
            File = file "Sweep.fs"
            Changes =
                [
                    ("List.distinct (a.Experiments @ b.Experiments)", "a.Experiments @ b.Experiments")
                ]
            CaughtBy = "union with itself is itself"
        }
        {
            Name = "the data's bytes do not name the run"
            File = file "Identity.fs"
            Changes =
                [
                    ("not (operational.Contains", "kind.Name <> \"DataSettings\" && not (operational.Contains")
                ]
            CaughtBy = "changed data or weights re-run what stands on them"
        }
        {
            Name = "the variance is divided by n"
            File = file "Statistics/TInterval.fs"
            Changes = [ ("/ (n - 1.)\n", "/ n\n") ]
            CaughtBy = "of two and three values is that of the closed forms"
        }
        {
            Name = "the interval is the normal's"
            File = file "Statistics/TInterval.fs"
            Changes = [ ("StudentT.InvCDF(0., 1., float values.Length - 1., 0.975)", "1.959964") ]
            CaughtBy = "of two and three values is that of the closed forms"
        }
        {
            Name = "numbers within a case are not looked at"
            File = file "Numbers.fs"
            Changes = [ ("| _, words, read -> each words (read value)", "| _ -> []") ]
            CaughtBy = "a number that is none is one problem, by its name"
        }
        {
            Name = "a number that is none is called otherwise than by its rule"
            File = file "Numbers.fs"
            Changes = [ ("\"clip norm\"", "\"clipping\"") ]
            CaughtBy = "a number that is none is one problem, by its name"
        }
        {
            Name = "any power of the class sizes passes"
            File = file "TrainingRules.fs"
            Changes = [ ("abs power > PowerSampling.Limit", "abs power > 1e9") ]
            CaughtBy = "one mistake is one problem, at its field"
        }
        {
            Name = "uniform class weights are not warned of"
            File = file "Warnings.fs"
            Changes = [ ("spread < 1.1", "spread < 0.9") ]
            CaughtBy = "seven doubts are seven warnings at once, and no error"
        }
        {
            Name = "a literal gnm that is none is not warned of"
            File = file "Warnings.fs"
            Changes = [ ("Some(Gnm(_, _, true)), None", "Some(Gnm(_, _, true)), Some 0") ]
            CaughtBy = "seven doubts are seven warnings at once, and no error"
        }
        {
            Name = "CIFAR-100 is taken for CIFAR-10"
            File = file "Pretraining.fs"
            Changes = [ ("{name}\\b", "{name}") ]
            CaughtBy = "a backbone knows its own set, and an ImageNet's knows CIFAR's classes"
        }
        {
            Name = "a contact sheet's images are all of one column"
            File = file "Commands/Sampled.fs"
            Changes = [ ("sheet.Put(row, column, decoder", "sheet.Put(row, 0, decoder") ]
            CaughtBy = "the contact sheet has a row a class"
        }
    ]

module LongTail.Tests.Mutation.Saying

let private file name = "src/Dsl.FSharp/" + name

let defects =
    [
        {
            Name = "settings on two data sets are of one method"
            File = file "Tuned.fs"
            Changes = [ ("path.StartsWith \"/Data/\"", "path.StartsWith \"/Nowhere/\"") ]
            CaughtBy = "are no methods, data sets or models"
        }
        {
            Name = "seeds are settings of a method"
            File = file "Tuned.fs"
            Changes = [ ("if path <> \"/Seed\" then", "if true then") ]
            CaughtBy = "are no methods, data sets or models"
        }
        {
            Name = "rows of one setting are several"
            File = file "Tuned.fs"
            Changes = [ ("those |> List.distinctBy _.Resolved", "those") ]
            CaughtBy = "are those that differ in numbers alone"
        }
        {
            Name = "a failure is no reason for code 2"
            File = file "Gaps.fs"
            Changes = [ ("gaps |> List.exists _.Why.IsSome", "gaps |> List.exists (fun _ -> false)") ]
            CaughtBy = "is code 2 of an export and a report where a run failed"
        }
        {
            Name = "what --where leaves out is not missing"
            File = file "Gaps.fs"
            Changes =
                [
                    ("for setting in plan.LeftOut do", "for setting in List.truncate 0 plan.LeftOut do")
                ]
            CaughtBy = "is told of what --where and --only leave out"
        }
        {
            Name = "every failure has the first one's reason"
            File = file "Gaps.fs"
            Changes =
                [
                    ("List.groupBy (fun gap -> gap.State, gap.Why)",
                     "List.groupBy (fun gap -> gap.State, gaps.Head.Why)")
                ]
            CaughtBy = "what a table lacks"
        }
        {
            Name = "a store's table lacks nothing"
            File = file "Commands/AbsentRow.fs"
            Changes =
                [
                    ("for entry in subject.Entries do", "for entry in List.truncate 0 subject.Entries do")
                ]
            CaughtBy = "is told by every export of a store"
        }
        {
            Name = "contrasts are asked once all has run"
            File = file "Request.fs"
            Changes = [ ("Sweep.unanswerable contrasts sweep", "Sweep.unanswerable [] sweep") ]
            CaughtBy = "a contrast that no result can answer is an error of the plan"
        }
        {
            Name = "a value is held against itself"
            File = file "Contrast.fs"
            Changes = [ ("if contrast.Value first = contrast.Other first then", "if false then") ]
            CaughtBy = "a contrast that no result can answer is an error of the plan"
        }
        {
            Name = "values that never share the rest are a pair"
            File = file "Contrast.fs"
            Changes = [ (" && known.Contains(contrast.Other e)))", "))") ]
            CaughtBy = "so is one whose values never share the rest"
        }
        {
            Name = "a sweep with faults runs"
            File = file "Performing.fs"
            Changes =
                [
                    ("Some sweep when not (Sweep.faults sweep).IsEmpty ->", "Some sweep when false ->")
                ]
            CaughtBy = "nothing runs of a script that asks for what cannot be"
        }
        {
            Name = "a run that is the frozen model moved something"
            File = file "Analysers.fs"
            Changes =
                [
                    ("isFrozen plan results run result then", "not (isFrozen plan results run result) then")
                ]
            CaughtBy = "what has every class as the frozen model has it"
        }
        {
            Name = "a group without an image right is passed over"
            File = file "Analysers.fs"
            Changes = [ ("if zeros > 0 &&", "if zeros > 100 &&") ]
            CaughtBy = "what is no better than chance, or right of few classes"
        }
        {
            Name = "a difference of last bits is a lead"
            File = file "Front.fs"
            Changes = [ ("if Points.isZero by then", "if by = 0. then") ]
            CaughtBy = "a lead is a sentence, however small it is"
        }
        {
            Name = "numbers of threads are told where none matters"
            File = file "ThreadCounts.fs"
            Changes = [ ("Tuning = Tuning.Everything", "Tuning <> Tuning.Everything") ]
            CaughtBy = "different numbers of threads are told"
        }
        {
            Name = "an export is silent about numbers of threads"
            File = file "Commands/ExportRow.fs"
            Changes = [ ("ThreadCounts.ofRun settings result)", "[])") ]
            CaughtBy = "different numbers of threads are told"
        }
        {
            Name = "gc takes what no run made"
            File = file "Store.fs"
            Changes =
                [
                    ("List.exists (fun mark -> File.Exists(file mark store name))", "List.exists (fun _ -> true)")
                ]
            CaughtBy = "folders that no run made are named"
        }
        {
            Name = "a store where nothing is finished is whole"
            File = file "Commands/Verify.fs"
            Changes = [ ("isAny && isWhole", "isWhole") ]
            CaughtBy = "where no run is finished there is nothing to verify"
        }
        {
            Name = "a damaged run is shown with code 0"
            File = file "Commands/Program.fs"
            Changes = [ ("State.IsDamaged then 2 else 0", "State.IsDamaged then 0 else 0") ]
            CaughtBy = "a damaged run is shown with its reason once"
        }
        {
            Name = "a blank says something"
            File = file "Arguments.fs"
            Changes = [ ("String.IsNullOrWhiteSpace text", "String.IsNullOrEmpty text") ]
            CaughtBy = "a text of no letter is refused"
        }
        {
            Name = "a cost is told of whatever times there are"
            File = file "Report.fs"
            Changes = [ ("row.Shares.Length = 1 && other.Shares = row.Shares", "true") ]
            CaughtBy = "cost is told only between rows that were timed alike"
        }
        {
            Name = "a plan goes by times that were shared"
            File = file "Cost.fs"
            Changes = [ ("place.Threads, 0)", "place.Threads, result.Share.Beside)") ]
            CaughtBy = "a finished run that had another beside it tells nothing of one alone"
        }
    ]

namespace LongTail

open LongTail.Core.Training

/// A setting with its finished runs, of which there is one at least.
type internal Gathered =
    {
        Setting: Setting
        Finished: (PlannedRun * RunResult) list
    }

module internal Gathered =
    /// The plan's settings that have a result, in the order of the table's rows. Throws InputException where a setting has a
    /// seed twice.
    let ofPlan plan (results: Map<string, RunResult>) =
        let known = plan.Runs |> List.map (fun run -> run.Hash, run) |> Map

        [
            for setting, runs in Replicates.ofPlan plan do
                let found =
                    [
                        for _, hash in runs do
                            match results.TryFind hash with
                            | Some result -> known[hash], result
                            | None -> ()
                    ]

                if not found.IsEmpty then
                    { Setting = setting; Finished = found }
        ]

    let results one = one.Finished |> List.map snd

    let mean one =
        results one |> List.map _.Accuracy |> Mean.over

    let accuracies one =
        one.Finished
        |> List.map (fun (run, result) -> run.Settings.Seed, result.Accuracy)

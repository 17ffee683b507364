namespace LongTail

open LongTail.Core.Settings
open LongTail.Core.Training

/// A run that a sweep means.
type PlannedRun =
    {
        Hash: string
        Label: string
        Settings: RunSettings
        /// What the store already has of it.
        Result: RunResult option
    }

/// All that a sweep means, every run once.
type Plan =
    {
        Runs: PlannedRun list
        /// Every setting of the sweep and the run that answers it.
        Cells: (Setting * string) list
        Warnings: Problem list
    }

module Plan =
    let private label (setting: Setting) =
        let values = setting.Labels |> List.map snd

        match values with
        | [] -> setting.Experiment.Name
        | values -> String.concat ", " values

    /// The results that the store has, by hash.
    let results plan =
        Map
            [
                for run in plan.Runs do
                    match run.Result with
                    | Some result -> run.Hash, result
                    | None -> ()
            ]

    /// Checks every experiment and looks each run up in the store; nothing runs.
    let make store sweep : Result<Plan, Problem list> =
        let look = BackboneFile.reader ()
        let settings = Sweep.settings sweep
        let replicated = settings |> List.distinctBy _.Experiment.Seed |> List.length > 1
        let checks = settings |> List.map (fun s -> s, Validation.check look s.Experiment)

        let problems =
            [
                if settings.IsEmpty then
                    {
                        Experiment = "sweep"
                        Field = "experiments"
                        Value = ""
                        Fault = "there are none"
                        Remedy = "give every axis a value"
                    }
                for _, check in checks do
                    match check with
                    | Error problems -> yield! problems
                    | Ok _ -> ()
            ]

        if problems.IsEmpty then
            let cells =
                [
                    for setting, check in checks do
                        match check with
                        | Ok run -> setting, Identity.hash run, run
                        | Error _ -> ()
                ]

            Ok
                {
                    Runs =
                        [
                            for setting, hash, run in cells |> List.distinctBy (fun (_, hash, _) -> hash) do
                                {
                                    Hash = hash
                                    Label =
                                        label setting
                                        + (if replicated then
                                               $", seed {setting.Experiment.Seed}"
                                           else
                                               "")
                                    Settings = run
                                    Result = Store.result store hash
                                }
                        ]
                    Cells = cells |> List.map (fun (setting, hash, _) -> setting, hash)
                    Warnings =
                        settings
                        |> List.collect (fun s -> Validation.warnings look s.Experiment)
                        |> List.distinct
                }
        else
            Error(List.distinct problems)

namespace LongTail

/// All that a sweep means, every run once.
type Plan =
    {
        Runs: PlannedRun list
        /// Every setting of the sweep and the run that answers it.
        Cells: (Setting * string) list
        /// By the hash of a run, that of the frozen model which it is held against; it is one of the runs.
        Frozen: Map<string, string>
        /// Settings of the sweep that a person did not ask for, by --where or --only.
        LeftOut: Setting list
        Warnings: Problem list
        /// What the sweep expects, also of rows that are not in the plan.
        Expected: Expectation list
        /// What is asked of the results of the whole sweep.
        Asked: Contrast list
    }

module Plan =
    /// What each of these settings' runs is called: with its seed where there are several.
    let labels (settings: Setting list) =
        let replicated = settings |> List.distinctBy _.Experiment.Seed |> List.length > 1

        fun (setting: Setting) ->
            if replicated then
                $"{setting.Told}, seed {setting.Experiment.Seed}"
            else
                setting.Told

    let private planned store label (experiment: Experiment) hash (sound: Sound) =
        let stored = StoredRun.readable Store.result store hash

        {
            Hash = hash
            Experiment = experiment.Name
            Label = label
            Dataset = Names.dataset Names.Brief experiment
            Settings = sound.Settings
            Groups = Experiment.groups experiment
            Images = sound.Images
            TestImages = sound.TestImages
            Result = stored |> Result.toOption |> Option.flatten
            Damage =
                match stored with
                | Ok _ -> None
                | Error why -> Some why
        }

    let private frozenLabel e =
        $"{Expectation.frozen}: {Names.model Names.Brief e}, {Names.dataset Names.Full e}"

    /// The runs that the sweep says, without the frozen models that they are held against.
    let asked plan =
        let said = plan.Cells |> List.map snd |> set
        plan.Runs |> List.filter (fun run -> said.Contains run.Hash)

    /// Those that have no result yet.
    let todo plan =
        plan.Runs |> List.filter _.Result.IsNone

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
    let make sources store sweep : Result<Plan, Problem list> =
        let settings = Sweep.settings sweep
        let label = labels settings

        let checks =
            settings |> List.map (fun s -> s, Validation.check sources s.Experiment)

        let problems =
            [
                yield! Sweep.faults sweep
                if settings.IsEmpty && (Sweep.faults sweep).IsEmpty then
                    Problem.ofSweep "experiments" "" "there are none" "give every axis a value"
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
                        | Ok sound -> setting, Identity.hash sound.Settings, sound
                        | Error _ -> ()
                ]

            let frozen =
                [
                    for setting, hash, sound in cells do
                        match Frozen.settings sound.Settings with
                        | Some still when Identity.hash still <> hash ->
                            hash, (setting, Identity.hash still, { sound with Settings = still })
                        | _ -> ()
                ]

            let runs =
                [
                    for _, (setting, hash, sound) in frozen do
                        frozenLabel setting.Experiment, setting, hash, sound
                    for setting, hash, sound in cells do
                        label setting, setting, hash, sound
                ]

            Ok
                {
                    Runs =
                        [
                            for label, setting, hash, sound in runs |> List.distinctBy (fun (_, _, hash, _) -> hash) do
                                planned store label setting.Experiment hash sound
                        ]
                    Frozen = Map [ for hash, (_, still, _) in frozen -> hash, still ]
                    Cells = cells |> List.map (fun (setting, hash, _) -> setting, hash)
                    LeftOut = []
                    Warnings =
                        Sweep.doubts sweep
                        @ (settings |> List.collect (fun s -> Validation.warnings sources s.Experiment))
                        |> List.distinct
                    Expected = Sweep.expected sweep
                    Asked = Sweep.asked sweep
                }
        else
            Error(List.distinct problems)

namespace LongTail

/// What a plan looks like to a person.
module PlanTable =
    let private first = 20

    let private state store (run: PlannedRun) =
        if run.Result.IsSome then
            "done"
        else
            StoredRun.word (StoredRun.known store run.Hash)

    let private standing store (trainedBy: Map<string, TrainedBy>) (run: PlannedRun) =
        match state store run, trainedBy.TryFind run.Hash with
        | state, Some(TrainedBy.Run other) when state <> "done" && other <> run.Hash -> $"evaluated from {other}"
        | state, _ -> state

    /// Every run, or the first of many, and what those to do will cost.
    let show all store (costs: Map<string, Cost>) plan =
        let runs = if all then plan.Runs else List.truncate first plan.Runs
        let trainedBy = TrainedBy.ofPlan store plan

        let cells (run: PlannedRun) =
            let cost = costs.TryFind run.Hash

            [
                run.Hash
                run.Label
                standing store trainedBy run
                $"{run.Settings.Schedule.Epochs}"
                Report.orDash (_.Seconds >> Cost.duration) cost
                cost |> Option.bind _.MemoryMiB |> Report.orDash Cost.memory
            ]

        runs
        |> List.map cells
        |> Grid.table [ "hash"; "run"; "is" ] [ "epochs"; "time"; "memory" ]
        |> Display.grid

        if runs.Length < plan.Runs.Length then
            printfn $"and {plan.Runs.Length - runs.Length} more; --all lists them"

        for run in runs do
            match trainedBy.TryFind run.Hash with
            | Some(TrainedBy.Again why) -> printfn $"{run.Hash} is trained again: {why}"
            | _ -> ()

    /// How many runs there are, in the store and to do.
    let total (store: Store) plan =
        let count condition =
            plan.Runs |> List.filter condition |> List.length

        let runs, damaged = Decimals.counted plan.Runs.Length "run", count _.Damage.IsSome
        let missing = count _.Result.IsNone

        let rest = if damaged = 0 then "" else $", of which {damaged} damaged"

        let evaluated =
            TrainedBy.ofPlan store plan |> Map.values |> Seq.filter _.IsRun |> Seq.length

        let shared =
            if evaluated = 0 then
                ""
            else
                $", {evaluated} of them evaluated only"

        let name =
            match plan.Runs |> List.distinctBy _.Experiment with
            | [ run ] -> $"{run.Experiment}, "
            | _ -> ""

        $"{name}{runs}: {count _.Result.IsSome} in {store.Folder}, {missing} to do{rest}{shared}"

    /// How long they will take together and in how much memory, where that is known.
    let time workers (costs: Map<string, Cost>) =
        if costs.IsEmpty then
            ""
        else
            let time = Cost.duration (Cost.seconds workers costs.Values)
            let crew = Decimals.counted workers "worker"

            let memory =
                match Cost.processMemory workers costs.Values with
                | Some memory -> $" and {Cost.memory memory} of the whole process"
                | None -> ""

            $", about {time}{memory} on {crew}"

    /// The plan for other programs: every run, and what those to do will cost in all.
    let json (store: Store) workers (costs: Map<string, Cost>) plan =
        let trainedBy = TrainedBy.ofPlan store plan

        let all total =
            if costs.IsEmpty then None else total workers costs.Values

        Json.text
            {|
                Store = store.Folder
                Workers = workers
                Seconds = all (fun workers costs -> Some(Cost.seconds workers costs))
                MemoryMib = all Cost.processMemory
                Runs =
                    [
                        for run in plan.Runs do
                            let cost = costs.TryFind run.Hash

                            let evaluatedFrom =
                                match trainedBy.TryFind run.Hash with
                                | Some(TrainedBy.Run hash) -> Some hash
                                | _ -> None

                            {|
                                Hash = run.Hash
                                Experiment = run.Experiment
                                Dataset = run.Dataset
                                Label = run.Label
                                State = state store run
                                EvaluatedFrom = evaluatedFrom
                                Epochs = run.Settings.Schedule.Epochs
                                Steps = PlannedRun.steps run
                                Seconds = cost |> Option.map _.Seconds
                                MemoryMib = cost |> Option.bind _.MemoryMiB
                            |}
                    ]
                Warnings = plan.Warnings |> List.map string
            |}

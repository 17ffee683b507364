namespace LongTail

open System
open System.Runtime.InteropServices
open System.Threading
open LongTail.Core
open LongTail.Core.Settings

/// Everything that this machine lacks for runs on these data sets, a line each.
type Survey = Place -> DataSource list -> string list

/// How the runs of a sweep came to an end.
type Ending =
    /// Nothing ran, for what a person can mend.
    | Refused
    /// By a person.
    | Halted
    /// All were tried, or with --stop-at-first all up to one that failed; these failed.
    | Ended of Failure list

    /// 0: all is done; 1: a defect of ours; 2: what a person can mend; 130: stopped by a person.
    member ending.Code =
        match ending with
        | Refused -> 2
        | Halted -> 130
        | Ended [] -> 0
        | Ended failures when failures |> List.exists (fun failure -> failure.Cause = Defect) -> 1
        | Ended _ -> 2

/// What a command line does, but for the process that it does it in.
module CommandLine =
    let private tell lines = lines |> List.iter (printfn "%s")

    let private report told store plan results =
        let gaps = Gaps.afterTelling told store plan results

        if not (Map.isEmpty results) then
            let rows = Report.rows plan results

            if not rows.IsEmpty then
                let ranked =
                    Gathered.ofPlan plan results
                    |> List.map (fun one -> Tuned.ofRun one.Setting.Labels (fst one.Finished.Head).Settings)
                    |> Tuned.lines

                Display.table
                    (rows |> Gain.above plan results |> Report.table)
                    (rows |> List.map Report.protocol |> Report.caption ranked)

            tell (Timing.lines results.Values)
            tell gaps
            tell (Gain.lines plan results)
            tell (TrainedBy.sharing plan results)
            tell (ThreadCounts.lines plan results)

            let checks = Check.ofPlan plan results

            for line in Analysers.lines plan results @ Check.complaints checks do
                eprintfn $"warning: {line}"
        else
            tell gaps

    // PosixSignal names none of its own for it: on Linux it is 10.
    let private sigusr1 = enum<PosixSignal> 10

    /// Ctrl-C, a polite kill, a terminal that closes (SIGHUP) and what a scheduler sends before it ends a job (SIGUSR1)
    /// stop the sweep at its next step; a second Ctrl-C ends it at once. (A second SIGTERM may be the first one over
    /// again, from `dotnet` to its child.)
    let untilAsked (body: CancellationToken -> 'result) =
        use source = new CancellationTokenSource()

        let ask (signal: PosixSignalContext) =
            signal.Cancel <- signal.Signal <> PosixSignal.SIGINT || not source.IsCancellationRequested
            source.Cancel()

        let registered =
            [ PosixSignal.SIGINT; PosixSignal.SIGTERM; PosixSignal.SIGHUP; sigusr1 ]
            |> List.map (fun signal -> PosixSignalRegistration.Create(signal, ask))

        try
            body source.Token
        finally
            registered |> List.iter _.Dispose()

    let private warnOfDamage plan =
        for damage in plan.Runs |> List.choose _.Damage do
            eprintfn $"warning: {damage}"

    /// In a line where each data set of the plan was found.
    let private tellData place plan =
        plan.Runs
        |> List.map (fun run -> run.Dataset, run.Settings.Data.Source)
        |> List.distinct
        |> List.map (fun (name, source) -> $"{name} in {Place.whereabouts place source}")
        |> String.concat "; "
        |> printfn "data: %s"

    let private runAll train (store: Store) place policy plan =
        warnOfDamage plan
        tellData place plan
        printfn $"{PlanTable.total store plan}"
        let missing = (Plan.todo plan).Length

        let outcome =
            untilAsked (fun stop ->
                if missing = 0 then
                    Runner.execute train store place policy ignore stop plan
                else
                    Display.during missing (fun watch -> Runner.execute train store place policy watch stop plan))

        let told = outcome.Broken |> List.map (fun (run, _) -> run.Hash) |> set
        report told store plan outcome.Results

        if outcome.Stopped then
            eprintfn "stopped: what is done is kept, and the same command goes on from there"
            Halted
        else
            Ended(outcome.Broken |> List.map snd)

    /// Tells a person what to mend.
    let refuse lines =
        for line in lines do
            eprintfn $"{line}"

        2

    let private plannedOn look (session: Session) sweep =
        let given = session.Given
        let store, place = Session.store session, Arguments.place given
        let sources = Sources.at (Session.find session) place |> look store
        let lines problems = problems |> List.map string

        try
            Selection.where (given.GetResults Argument.Where) sweep
            |> Result.bind (fun (sweep, leftOut) ->
                let said =
                    match
                        lines (Place.errors place @ Policy.errors (Arguments.policy given))
                        @ Store.errors store
                    with
                    | [] -> Option.toList (Place.absence place)
                    | wrong -> wrong

                match said, Plan.make sources store sweep with
                | [], Ok plan -> Ok { plan with LeftOut = leftOut }
                | said, Ok _ -> Error said
                | said, Error problems -> Error(said @ lines problems))
            |> Result.bind (fun plan ->
                match given.TryGetResult Argument.Only with
                | Some text -> Selection.only text plan
                | None -> Ok plan)
            |> Result.map (fun plan ->
                { plan with
                    Warnings = plan.Warnings @ Comparison.unanswered plan
                })
        with :? InputException as e ->
            Error [ e.Message ]

    /// The plan of the sweep's runs that were asked for; or all that keeps it from being one, a line each.
    let planned session sweep =
        plannedOn (fun _ sources -> sources) session sweep

    /// The same for those who only look at results: the files of a published set may be elsewhere.
    let kept session sweep =
        plannedOn (KeptData.orElse (eprintfn "note: %s")) session sweep

    let private warn plan =
        for warning in plan.Warnings do
            eprintfn $"warning: {warning}"

    /// Lists the sweep's runs and what those to do will cost. 0, or 2 where there is no plan.
    let plan (session: Session) sweep =
        match planned session sweep with
        | Error lines -> refuse lines
        | Ok plan ->
            warn plan
            let given = session.Given
            let store, place = Session.store session, Arguments.place given

            let costs =
                try
                    Cost.ofPlan store place plan
                with Mendable why ->
                    eprintfn $"warning: no step can be timed here: {why}"
                    Map.empty

            warnOfDamage plan
            let workers = Policy.crew (Arguments.policy given) plan

            if given.Contains Argument.Json then
                printfn $"{PlanTable.json store workers costs plan}"
            else
                tellData place plan
                PlanTable.show (given.Contains Argument.All) store costs plan
                printfn $"{PlanTable.total store plan}{PlanTable.time workers costs}"

            0

    /// Holds what the store has of the sweep against what the script expects; nothing runs. 0 where every result is
    /// within its range, else 2.
    let check (session: Session) sweep =
        match kept session sweep with
        | Error lines -> refuse lines
        | Ok plan ->
            let results = Plan.results plan

            match Check.ofPlan plan results with
            | [] ->
                refuse
                    [
                        "nothing to check: no row that was asked for has a range; `|> expect accuracy [ \"ROW\", LOW, HIGH ]` before `|> run` gives one"
                    ]
            | checks ->
                tell (Gain.lines plan results)
                Display.table (Check.table checks) (Check.summary checks)
                tell (Gaps.ofTable (Session.store session) plan results)

                if checks |> List.forall (fun one -> (Check.fit one).IsWithin) then
                    0
                else
                    2

    /// Plans the sweep and runs what is missing.
    let execute (survey: Survey) (train: Trainer) (session: Session) sweep =
        let given = session.Given
        let store = Session.store session

        let place =
            { Arguments.place given with
                Script = session.Script
            }

        let lacking plan =
            match Plan.todo plan with
            | [] -> []
            | runs -> runs |> List.map _.Settings.Data.Source |> List.distinct |> survey place

        match planned session sweep with
        | Error lines ->
            refuse lines |> ignore
            Refused
        | Ok plan ->
            warn plan

            match lacking plan with
            | [] -> runAll train store place (Arguments.policy given) plan
            | faults ->
                refuse faults |> ignore
                Refused

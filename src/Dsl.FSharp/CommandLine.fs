namespace LongTail

open System.Runtime.InteropServices
open System.Threading
open Argu
open LongTail.Core
open LongTail.Core.Settings

/// Everything that this machine lacks for runs on these data sets, a line each.
type Survey = Place -> ImageSet list -> string list

/// What a command line does, but for the process that it does it in.
module CommandLine =
    let private todo plan =
        plan.Runs |> List.filter _.Result.IsNone

    let private announce (store: Store) plan =
        let missing = (todo plan).Length
        printfn $"runs: {plan.Runs.Length - missing} in {store.Folder}, {missing} to do"

    let private list (store: Store) plan =
        for run in plan.Runs do
            let state = if run.Result.IsSome then "in the store" else "to do"
            printfn $"{run.Hash}  {run.Label}: {state}"

        announce store plan

    let private report plan results =
        if not (Map.isEmpty results) then
            let rule = Report.splitRule (Map.values results)
            let rows = Report.rows rule plan results
            Display.table (Report.table rows) (Report.caption rule rows)

            for line in Report.skipped plan results do
                eprintfn $"warning: {line}"

    /// Ctrl-C and a polite kill stop the sweep at its next step; a second Ctrl-C ends it at once. (A second SIGTERM
    /// may be the first one over again, from `dotnet` to its child.)
    let private untilAsked (body: CancellationToken -> 'result) =
        use source = new CancellationTokenSource()

        let ask (signal: PosixSignalContext) =
            signal.Cancel <- signal.Signal = PosixSignal.SIGTERM || not source.IsCancellationRequested
            source.Cancel()

        use _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, ask)
        use _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, ask)
        body source.Token

    let private runAll train (store: Store) place plan =
        announce store plan
        let missing = (todo plan).Length

        let outcome =
            untilAsked (fun stop ->
                if missing = 0 then
                    Runner.execute train store place ignore stop plan
                else
                    Display.during missing (fun watch -> Runner.execute train store place watch stop plan))

        report plan outcome.Results

        if outcome.Stopped then
            eprintfn "stopped: what is done is kept, and the same command goes on from there"

        if outcome.Stopped then
            130
        elif outcome.Broken.IsEmpty then
            0
        elif outcome.Broken |> List.forall (fun (_, failure) -> failure.Mendable) then
            2
        else
            1

    /// Plans the sweep and runs what is missing. 0: all is done; 1: a defect of ours; 2: what a person can mend;
    /// 130: stopped by a person.
    let execute (survey: Survey) (train: Trainer) (arguments: ParseResults<Argument>) sweep =
        let store, place = Arguments.store arguments, Arguments.place arguments

        let refuse lines =
            for line in lines do
                eprintfn $"{line}"

            2

        let lacking plan =
            match todo plan with
            | [] -> []
            | runs -> runs |> List.map _.Settings.Data.Set |> List.distinct |> survey place

        try
            match Place.errors place, Plan.make store sweep with
            | [], Ok plan ->
                for warning in plan.Warnings do
                    eprintfn $"warning: {warning}"

                if arguments.Contains Argument.Plan then
                    list store plan
                    0
                else
                    match lacking plan with
                    | [] -> runAll train store place plan
                    | faults -> refuse faults
            | wrong, Ok _ -> refuse (wrong |> List.map string)
            | wrong, Error problems -> refuse (wrong @ problems |> List.map string)
        with :? InputException as e ->
            refuse [ e.Message ]

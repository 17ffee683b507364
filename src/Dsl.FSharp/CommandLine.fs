namespace LongTail

open System
open System.IO
open System.Runtime.InteropServices
open System.Threading
open Argu
open LongTail.Core

/// What a script can be told behind its name.
[<RequireQualifiedAccess; HelpFlags "--options">]
type Argument =
    | Device of string
    | Data of string
    | Store of string
    | Threads of int
    | Plan
    | Weights of string
    | Small

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Device _ -> "cpu (default), cuda or cuda:N."
            | Data _ -> "folder of the data set's files."
            | Store _ -> "folder that keeps the runs (default: runs)."
            | Threads _ -> "cores that a run may use."
            | Plan -> "list the runs and what the store has of them; run nothing."
            | Weights _ -> "safetensors file of the backbone, where the script asks for one."
            | Small -> "the script's small form, where it has one."

module CommandLine =
    // fsi hands a script's arguments on, but a library sees all of the process's.
    let private behindScript () =
        Environment.GetCommandLineArgs()
        |> Array.skipWhile (fun text -> not (text.EndsWith(".fsx", StringComparison.OrdinalIgnoreCase)))
        |> Array.mapi (fun i text -> if i = 0 then None else Some text)
        |> Array.choose id

    /// Reads arguments; ends the process where they are wrong, or where their list was asked for.
    let private parse arguments =
        try
            ArgumentParser.Create<Argument>("dotnet fsi SCRIPT").Parse(arguments)
        with
        | :? ArguParseException as e when e.ErrorCode = ErrorCode.HelpText ->
            printfn $"{e.Message}"
            exit 0
        | :? ArguParseException as e ->
            eprintfn $"{e.Message.Split('\n')[0]} `--options` lists what can be said."
            exit 2

    let given = lazy (parse (behindScript ()))

    let place (arguments: ParseResults<Argument>) =
        {
            Device = arguments.GetResult(Argument.Device, "cpu")
            DataFolder = arguments.TryGetResult Argument.Data
            Threads = arguments.TryGetResult Argument.Threads
        }

    let store (arguments: ParseResults<Argument>) : Store =
        {
            Folder = arguments.GetResult(Argument.Store, "runs")
        }

    let private list (store: Store) plan =
        for run in plan.Runs do
            let state = if run.Result.IsSome then "in the store" else "to do"
            printfn $"{run.Hash}  {run.Label}: {state}"

        let kept = plan.Runs |> List.filter _.Result.IsSome |> List.length
        printfn $"{plan.Runs.Length} runs in {store.Folder}: {kept} done, {plan.Runs.Length - kept} to do"

    let private report plan results =
        if not (Map.isEmpty results) then
            let rule = Report.splitRule (Map.values results)
            let rows = Report.rows rule plan results
            Display.table (Report.table rows) (Report.caption rule rows)

    /// Ctrl-C and a polite kill stop the sweep at its next step; asked a second time, they end it at once.
    let private untilAsked (body: CancellationToken -> 'result) =
        use source = new CancellationTokenSource()

        let ask (signal: PosixSignalContext) =
            signal.Cancel <- not source.IsCancellationRequested
            source.Cancel()

        use _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, ask)
        use _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, ask)
        body source.Token

    let private runAll train (store: Store) place plan =
        let missing = plan.Runs |> List.filter _.Result.IsNone |> List.length

        let outcome =
            untilAsked (fun stop ->
                if missing = 0 then
                    Runner.execute train store place ignore stop plan
                else
                    printfn $"{plan.Runs.Length} runs: {plan.Runs.Length - missing} in {store.Folder}, {missing} to do"
                    Display.during missing (fun watch -> Runner.execute train store place watch stop plan))

        report plan outcome.Results

        let mendable, defects =
            outcome.Broken
            |> List.map (fun (run, e) -> run, e.GetBaseException())
            |> List.partition (fun (_, e) -> e :? InputException || e :? DllNotFoundException)

        for message, runs in mendable |> List.groupBy (fun (_, e) -> e.Message) do
            let others =
                if runs.Length > 1 then
                    $" and {runs.Length - 1} more"
                else
                    ""

            eprintfn $"{(fst runs.Head).Label}{others}: {message}"

        for run, e in defects do
            eprintfn $"{run.Label}: a defect of LongTail ({e.Message}); all of it is in {Store.logFile store run.Hash}"

        if outcome.Stopped then
            eprintfn "stopped: what is done is kept, and the same command goes on from there"

        if outcome.Stopped then 130
        elif not defects.IsEmpty then 1
        elif not mendable.IsEmpty then 2
        else 0

    /// Plans the sweep and runs what is missing. 0: all is done; 1: a defect of ours; 2: what a person can mend;
    /// 130: stopped by a person.
    let execute (train: Trainer) (arguments: ParseResults<Argument>) sweep =
        let store, place = store arguments, place arguments

        try
            match Place.errors place, Plan.make store sweep with
            | [], Ok plan ->
                for warning in plan.Warnings do
                    eprintfn $"warning: {warning}"

                if arguments.Contains Argument.Plan then
                    list store plan
                    0
                else
                    runAll train store place plan
            | wrong, plan ->
                let problems =
                    match plan with
                    | Ok _ -> wrong
                    | Error problems -> wrong @ problems

                for problem in problems do
                    eprintfn $"{problem}"

                2
        with :? InputException as e ->
            eprintfn $"{e.Message}"
            2

    let trainer (place: Place) : Trainer =
        fun settings runPlace progress stop ->
            place.Threads |> Option.iter TorchSharp.torch.set_num_threads
            Training.Trainer.Run(settings, runPlace, progress, stop)

[<AutoOpen>]
module Scripts =
    /// The file that --weights names, or else this one.
    let weightsOr file =
        CommandLine.given.Value.GetResult(Argument.Weights, file)

    /// Whether --small asks for the script's small form.
    let small () =
        CommandLine.given.Value.Contains Argument.Small

    /// Runs what the store lacks of the sweep and shows its table; ends the script where that cannot be.
    let run sweep =
        let arguments = CommandLine.given.Value

        match CommandLine.execute (CommandLine.trainer (CommandLine.place arguments)) arguments sweep with
        | 0 when not (arguments.Contains Argument.Plan) -> ()
        | code -> exit code

    /// Writes the backbone that a finished run trained: a safetensors file with timm's names. The card says in its
    /// metadata what it is and where it comes from.
    let saveBackbone file (card: (string * string) list) sweep =
        let arguments = CommandLine.given.Value
        let store = CommandLine.store arguments

        match Plan.make store sweep with
        | Ok { Runs = [ run ] } ->
            let place =
                Place.forRun (Store.checkpoint store run.Hash) (CommandLine.place arguments)

            Training.Trainer.Export(run.Settings, place, file, dict card |> Collections.ObjectModel.ReadOnlyDictionary)
            printfn $"wrote {file}"
        | Ok plan ->
            eprintfn $"{file}: a backbone is saved of one run, and here are {plan.Runs.Length}"
            exit 2
        | Error problems ->
            for problem in problems do
                eprintfn $"{problem}"

            exit 2

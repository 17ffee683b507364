namespace LongTail

open System
open System.Collections.Generic
open System.Diagnostics
open LongTail.Core
open LongTail.Core.Downloads
open LongTail.Core.Training
open Spectre.Console

/// How far the runs of a sweep are, and from that a guess when it ends.
type private Clock(runs: int) =
    let watch = Stopwatch.StartNew()
    let current = Dictionary<string, float>()
    let mutable finished = 0

    member _.Hear event =
        match event with
        | Started run -> current[run.Hash] <- 0.
        | Progressed(run, progress) -> current[run.Hash] <- progress.Done
        | Halted run -> current.Remove run.Hash |> ignore
        | Finished(run, _)
        | Broken(run, _) ->
            current.Remove run.Hash |> ignore
            finished <- finished + 1

    member _.Finished = finished

    /// Runs' worth of work that is done.
    member _.Worked = float finished + Seq.sum current.Values

    member clock.Left =
        let worked = clock.Worked
        let left = watch.Elapsed * ((float runs - worked) / max worked 1e-3)

        if left.TotalMinutes < 1. then
            $"{left.Seconds} s left"
        else
            $"{int left.TotalMinutes} min {left.Seconds} s left"

/// Tells a person how a sweep goes on: a live bar a run on a terminal, a line an epoch elsewhere.
module Display =
    let private state (progress: TrainingProgress) loss =
        $"epoch {progress.Epoch + 1}/{progress.Epochs}, loss {Digits.Brief loss}"

    let private finished (result: RunResult) =
        let skipped = result.Epochs |> Seq.sumBy _.SkippedSteps

        let lost = if skipped > 0L then $", {skipped} steps skipped" else ""

        $"accuracy {Points.percent result.Accuracy} %%{lost}"

    let private broken (run: PlannedRun) failure = $"{run.Label}: {failure.Fault}"

    let private lines runs body =
        let clock = Clock runs

        body (fun event ->
            clock.Hear event

            match event with
            | Progressed(run, progress) ->
                match progress.Finished with
                | null -> ()
                | epoch -> printfn $"[{clock.Finished}/{runs}] {run.Label}: {state progress epoch.Loss}, {clock.Left}"
            | Finished(run, result) -> printfn $"[{clock.Finished}/{runs}] {run.Label}: {finished result}"
            | Broken(run, failure) -> eprintfn $"{broken run failure}"
            | Started _
            | Halted _ -> ())

    let private live runs body =
        let clock = Clock runs

        AnsiConsole
            .Progress()
            .AutoClear(true)
            .HideCompleted(true)
            .Columns(TaskDescriptionColumn(Alignment = Justify.Left), ProgressBarColumn(), PercentageColumn())
            .Start(fun context ->
                let all = context.AddTask("runs", maxValue = float runs)
                let bars = Dictionary<string, ProgressTask>()
                let mutable failed = 0

                let bar (run: PlannedRun) =
                    match bars.TryGetValue run.Hash with
                    | true, bar -> bar
                    | _ ->
                        let bar = context.AddTask(Markup.Escape run.Label, maxValue = 1.)
                        bars[run.Hash] <- bar
                        bar

                let remove (run: PlannedRun) =
                    match bars.TryGetValue run.Hash with
                    | true, bar ->
                        bar.StopTask()
                        bars.Remove run.Hash |> ignore
                    | _ -> ()

                body (fun event ->
                    clock.Hear event

                    match event with
                    | Started run -> bar run |> ignore
                    | Progressed(run, progress) ->
                        let bar = bar run
                        bar.Value <- progress.Done

                        if progress.Loss.HasValue then
                            bar.Description <- Markup.Escape $"{run.Label}: {state progress progress.Loss.Value}"
                    | Finished(run, result) ->
                        remove run
                        AnsiConsole.WriteLine $"{run.Label}: {finished result}"
                    | Broken(run, failure) ->
                        remove run
                        failed <- failed + 1
                        AnsiConsole.WriteLine(broken run failure)
                    | Halted run -> remove run

                    let lost = if failed > 0 then $", {failed} failed" else ""
                    all.Value <- clock.Worked
                    all.Description <- $"{clock.Finished} of {runs} runs done{lost}, {clock.Left}"))

    /// Runs the body, handing it what to tell how much of each part is done; its share, and a line for where nothing moves.
    let private parts share line (body: (string -> int64 -> unit) -> 'result) =
        if AnsiConsole.Profile.Capabilities.Interactive && not Console.IsOutputRedirected then
            AnsiConsole
                .Progress()
                .Start(fun context ->
                    let bars = Dictionary<string, ProgressTask>()

                    body (fun name here ->
                        if not (bars.ContainsKey name) then
                            bars[name] <- context.AddTask(Markup.Escape name, maxValue = 1.)

                        bars[name].Value <- share name here))
        else
            let told = Dictionary<string, int>()

            body (fun name here ->
                let tenth = int (10. * share name here)

                if not (told.ContainsKey name) || told[name] < tenth then
                    told[name] <- tenth
                    printfn $"{name}: {line here}")

    /// Runs the body, handing it what to tell how much of each file is here. A length may be a guess.
    let fetching (length: string -> float option) body =
        let share name (here: int64) =
            length name
            |> Option.map (fun length -> min 1. (float here / length))
            |> Option.defaultValue 0.

        parts share (fun here -> $"{here >>> 20} MiB") body

    /// Runs the body, handing it what to tell how many images are done, of how many there are in each part.
    let counting (total: string -> int) body =
        parts
            (fun name ready -> float ready / float (total name))
            (fun ready -> Decimals.counted (int ready) "image")
            body

    /// Runs the body, handing it what to tell the events of so many runs to.
    let during runs (body: (RunEvent -> unit) -> 'result) =
        if AnsiConsole.Profile.Capabilities.Interactive && not Console.IsOutputRedirected then
            live runs body
        else
            lines runs body

    /// Columns where no terminal and no COLUMNS sets them.
    let private usual = 80

    /// A table that fits the terminal.
    let grid (grid: LongTail.Grid) =
        let console =
            AnsiConsole.Create(AnsiConsoleSettings(Out = AnsiConsoleOutput Console.Out))

        if Console.IsOutputRedirected then
            console.Profile.Width <-
                match Int32.TryParse(Environment.GetEnvironmentVariable "COLUMNS") with
                | true, columns when columns > 0 -> columns
                | _ -> usual

        LongTail.Grid.write console grid

    /// The same, and what its numbers are.
    let table table (caption: string) =
        grid table
        printfn $"{caption}"

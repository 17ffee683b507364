namespace LongTail

open System
open System.Collections.Generic
open System.Diagnostics
open LongTail.Core.Training
open Spectre.Console

/// Guesses when a sweep ends from how fast it went so far.
type private Clock(runs: int) =
    let watch = Stopwatch.StartNew()
    let mutable finished = 0
    let mutable current = 0.

    member _.At(progress: TrainingProgress) = current <- progress.Done

    member _.RunEnded() =
        finished <- finished + 1
        current <- 0.

    member _.Finished = finished

    /// Part of the run under way that is done.
    member _.Current = current

    member _.Left =
        let worked = float finished + current
        let left = watch.Elapsed * ((float runs - worked) / max worked 1e-3)

        if left.TotalMinutes < 1. then
            $"{left.Seconds} s left"
        else
            $"{int left.TotalMinutes} min {left.Seconds} s left"

/// Tells a person how a sweep goes on: a live bar on a terminal, a line an epoch elsewhere.
module Display =
    let private state (progress: TrainingProgress) =
        $"epoch {progress.Epoch + 1}/{progress.Epochs}, loss {progress.Loss:F3}"

    let private finished (result: RunResult) =
        let skipped = result.Epochs |> Seq.sumBy _.SkippedSteps

        let lost = if skipped > 0L then $", {skipped} steps skipped" else ""

        $"accuracy {100. * result.Accuracy:F1} %%{lost}"

    /// Hands a line on the first time: what keeps one run from its end often keeps all of them.
    let private once (write: string -> unit) =
        let told = HashSet<string>()

        fun run failure ->
            if told.Add failure.Fault then
                write $"{run.Label}: {failure.Fault}"

    let private lines runs body =
        let clock = Clock runs
        let complain = once (fun line -> eprintfn $"{line}")
        let mutable number = 0

        body (fun event ->
            match event with
            | Started _ -> number <- number + 1
            | Progressed(run, progress) ->
                clock.At progress

                if not (isNull progress.Finished) then
                    printfn $"[{number}/{runs}] {run.Label}: {state progress}, {clock.Left}"
            | Finished(run, result) ->
                clock.RunEnded()
                printfn $"[{number}/{runs}] {run.Label}: {finished result}"
            | Broken(run, failure) ->
                clock.RunEnded()
                complain run failure)

    let private live runs body =
        let clock = Clock runs
        let complain = once AnsiConsole.WriteLine

        AnsiConsole
            .Progress()
            .AutoClear(true)
            .Columns(TaskDescriptionColumn(Alignment = Justify.Left), ProgressBarColumn(), PercentageColumn())
            .Start(fun context ->
                let all = context.AddTask("runs", maxValue = float runs)
                let one = context.AddTask("starts", maxValue = 1.)

                let show (text: string) =
                    all.Value <- float clock.Finished + clock.Current
                    all.Description <- $"{clock.Finished} of {runs} runs done, {clock.Left}"
                    one.Value <- clock.Current
                    one.Description <- Markup.Escape text

                body (fun event ->
                    match event with
                    | Started run -> show run.Label
                    | Progressed(run, progress) ->
                        clock.At progress
                        show $"{run.Label}: {state progress}"
                    | Finished(run, result) ->
                        clock.RunEnded()
                        show $"{run.Label}: {finished result}"
                    | Broken(run, failure) ->
                        clock.RunEnded()
                        complain run failure
                        show run.Label))

    /// Runs the body, handing it what to tell the events of so many runs to.
    let during runs (body: (RunEvent -> unit) -> 'result) =
        if AnsiConsole.Profile.Capabilities.Interactive && not Console.IsOutputRedirected then
            live runs body
        else
            lines runs body

    /// A table as wide as it needs to be where no terminal sets a width, and what its numbers are.
    let table (table: Table) (caption: string) =
        if Console.IsOutputRedirected then
            AnsiConsole.Profile.Width <- 160

        AnsiConsole.Write table
        printfn $"{caption}"

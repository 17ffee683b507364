namespace LongTail

open System
open System.Diagnostics
open LongTail.Core.Training
open Spectre.Console

/// Guesses when a sweep ends from how fast it went so far.
type private Clock(runs: int) =
    let watch = Stopwatch.StartNew()
    let mutable finished = 0
    let mutable current = 0.

    member _.At(progress: TrainingProgress) =
        let steps = float (progress.Epoch * progress.StepsInEpoch + progress.Step)
        current <- steps / float (progress.Epochs * progress.StepsInEpoch)

    member _.RunEnded() =
        finished <- finished + 1
        current <- 0.

    /// Runs, with the part of the one that is under way.
    member _.Done = float finished + current

    member clock.Left =
        let left = watch.Elapsed * ((float runs - clock.Done) / max clock.Done 1e-3)

        if left.TotalMinutes < 1. then
            $"{left.Seconds} s left"
        else
            $"{int left.TotalMinutes} min {left.Seconds} s left"

/// Tells a person how a sweep goes on: a live bar on a terminal, a line an epoch elsewhere.
module Display =
    let private state (progress: TrainingProgress) =
        $"epoch {progress.Epoch + 1}/{progress.Epochs}, loss {progress.Loss:F3}"

    let private finished (result: RunResult) =
        $"accuracy {100. * result.Accuracy:F1} %%"

    let private broken run (e: exn) = $"{run.Label} broke: {e.Message}"

    let private lines runs body =
        let clock = Clock runs
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
            | Broken(run, e) ->
                clock.RunEnded()
                printfn $"[{number}/{runs}] {broken run e}")

    let private live runs body =
        let clock = Clock runs

        AnsiConsole
            .Progress()
            .AutoClear(true)
            .Columns(TaskDescriptionColumn(Alignment = Justify.Left), ProgressBarColumn(), PercentageColumn())
            .Start(fun context ->
                let all = context.AddTask("", maxValue = float runs)
                let one = context.AddTask("", maxValue = 1.)

                let show (text: string) =
                    all.Value <- clock.Done
                    all.Description <- $"{int clock.Done} of {runs} runs done, {clock.Left}"
                    one.Value <- clock.Done - floor clock.Done
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
                    | Broken(run, e) ->
                        clock.RunEnded()
                        AnsiConsole.WriteLine(broken run e)
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

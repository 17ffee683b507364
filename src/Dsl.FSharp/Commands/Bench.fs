namespace LongTail.Commands

open System
open LongTail
open LongTail.Core
open LongTail.Core.Training

/// A step of each kind in a plan at its real batch.
module Bench =
    let private kind (run: PlannedRun) =
        let rule =
            run.Settings.Optimizer.Perturbation |> Option.ofObj |> Option.map _.GetType()

        StepTiming.Kind run.Settings, rule, run.Settings.BatchSize

    /// The first run of each kind, and its step's timing.
    let measured (place: Place) plan =
        Machine.UseThreads place.Threads

        [
            for run in Plan.asked plan |> List.distinctBy kind do
                run, StepTiming.Measure(run.Settings, place.Device, Nullable run.Settings.BatchSize)
        ]

    let table (rows: (PlannedRun * StepTiming) list) =
        let cells (run, timing: StepTiming) =
            let batch = float run.Settings.BatchSize

            [
                run.Label
                $"{batch}"
                $"{1000. * timing.StepSeconds * batch:F0}"
                $"{1. / timing.StepSeconds:F0}"
                Option.ofNullable (timing.MemoryMiB batch) |> Report.orDash Cost.memory
            ]

        rows
        |> List.map cells
        |> Grid.table [ "step of" ] [ "batch"; "ms a step"; "images/s"; "memory" ]

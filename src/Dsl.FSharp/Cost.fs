namespace LongTail

open System
open LongTail.Core.Data
open LongTail.Core.Settings
open LongTail.Core.Training

/// What a run will take, about.
type Cost =
    {
        Seconds: float
        /// Of the whole process, with this run alone in it; unknown on a GPU.
        MemoryMiB: float option
    }

module Cost =
    // An evaluation is a forward without a backward.
    let private judgedOverTrained = 0.4

    let private passes (run: PlannedRun) =
        StepTiming.Passes run.Settings.Optimizer.Perturbation

    /// The runtime and libtorch, before any run.
    let private processMiB = 250.

    /// What reading a data set adds for a while. Of one in memory: the file, its unpacked bytes, copies that the runtime
    /// gives back late, as seen on Fashion-MNIST. Of lists: what they keep of each image.
    let private readingMiB (run: PlannedRun) =
        match ResidentSet.Of run.Settings.Data.Source with
        | null -> 200. * float (run.Images + run.TestImages) / 1048576.
        | set ->
            let images = set.Classes * (set.TrainImages + set.TestImages)
            5. * float images * float (set.Channels * set.Side * set.Side) / 1048576.

    /// Of a run whose images cost this.
    let private from (timing: StepTiming) memory trainedBy (run: PlannedRun) =
        let settings = run.Settings
        let epochs = float settings.Schedule.Epochs

        let trained, judged =
            match trainedBy with
            | TrainedBy.Run _ -> 0., run.TestImages
            | TrainedBy.Itself
            | TrainedBy.Again _ ->
                let judgements =
                    if settings.Evaluation.BestOnTest then
                        settings.Schedule.Epochs
                    else
                        1

                let forMeans =
                    if settings.Model.HeadInitial = HeadInitial.ClassMeans then
                        run.Images
                    else
                        0

                epochs * float run.Images * passes run, judgements * run.TestImages + forMeans

        {
            Seconds = trained * timing.StepSeconds + float judged * timing.JudgeSeconds
            MemoryMiB = memory
        }

    let private fromStep (timing: StepTiming) trainedBy (run: PlannedRun) =
        let atOnce =
            min run.Settings.BatchSize run.Images / run.Settings.Optimizer.MicroBatches

        let memory =
            Option.ofNullable (timing.MemoryMiB atOnce) |> Option.map ((+) (readingMiB run))

        from timing memory trainedBy run

    /// What a finished run says of the images of its kind, where it ran as the others will: a process's peak beside other
    /// runs is not one run's.
    let private seen (place: Place) (run: PlannedRun, result: RunResult) =
        let alone = MachineShare(place.Device, place.Threads, 0)

        match Option.ofNullable result.SecondsPerEpoch with
        | Some seconds when result.Share = alone ->
            let step = seconds / (float run.Images * passes run)

            let timing =
                StepTiming(run.Settings.BatchSize, step, judgedOverTrained * step, Nullable(), Nullable())

            Some(from timing (Option.ofNullable result.PeakMemoryMiB))
        | _ -> None

    /// What each run of the plan that is to do will cost, by hash: as finished runs of its kind did, or else by a timed
    /// step.
    let ofPlan store place plan : Map<string, Cost> =
        let kinds =
            plan.Runs
            |> List.groupBy (fun run -> StepTiming.Kind run.Settings)
            |> List.map (fun (kind, runs) ->
                let finished =
                    runs
                    |> List.tryPick (fun run -> run.Result |> Option.map (fun result -> run, result))

                kind, finished |> Option.bind (seen place), runs |> List.filter _.Result.IsNone)
            |> List.filter (fun (_, _, missing) -> not missing.IsEmpty)

        let untimed =
            kinds
            |> List.filter (fun (_, seen, _) -> seen.IsNone)
            |> List.map (fun (kind, _, _) -> kind)

        let timed = StepTimes.measured place untimed
        let trainedBy = TrainedBy.ofPlan store plan

        Map
            [
                for kind, seen, missing in kinds do
                    let cost = seen |> Option.defaultWith (fun () -> fromStep timed[kind])

                    for run in missing do
                        run.Hash, cost trainedBy[run.Hash] run
            ]

    /// Of so many runs at a time, none shorter than its longest.
    let seconds workers (costs: Cost seq) =
        let each = costs |> Seq.map _.Seconds |> List.ofSeq
        max (List.sum each / float workers) (List.fold max 0. each)

    /// Of a process with so many runs at a time, the largest ones; None where it is unknown of a run.
    let processMemory workers (costs: Cost seq) =
        let known = costs |> Seq.choose _.MemoryMiB |> List.ofSeq

        if known.Length < Seq.length costs then
            None
        else
            known
            |> List.sortDescending
            |> List.truncate workers
            |> List.sumBy (fun memory -> max 0. (memory - processMiB))
            |> fun added -> Some(processMiB + added)

    let private twoDigits (value: float) =
        if value < 10. then $"{value:F1}" else $"{round value:F0}"

    /// As exact as an estimate is.
    let duration (seconds: float) =
        if seconds < 100. then
            $"{max 1. (ceil seconds):F0} s"
        elif seconds < 6000. then
            $"{twoDigits (seconds / 60.)} min"
        elif seconds < 48. * 3600. then
            $"{twoDigits (seconds / 3600.)} h"
        else
            $"{twoDigits (seconds / 86400.)} days"

    let memory (mebibytes: float) =
        if mebibytes < 1000. then
            $"{10. * round (mebibytes / 10.):F0} MiB"
        else
            $"{twoDigits (mebibytes / 1024.)} GiB"

/// Experiments and results that the tests start from.
module LongTail.Tests.Samples

open System.IO
open LongTail.Core.Data
open LongTail.Core.Evaluation
open LongTail.Core.Settings
open LongTail.Core.Training
open LongTail
open LongTail.Tests.TempFolder

/// A sweep of one experiment that is sound and needs no file.
let pretraining =
    experiment "pretraining" {
        dataset (FashionMnist |> longTailed 100. |> imagesPerClass 600)

        model (
            drawnVit
                {
                    InputSide = 32
                    PatchSize = 8
                    Width = 64
                    Depth = 2
                    Heads = 2
                }
        )

        loss (gcl 25. |> deferReweighting 4<epoch>)
        optimizer (sgd 0.01 |> momentum 0.9 |> weightDecay 1e-3 |> gnm 0.005)
        schedule (cosine 6<epoch>)
        batch 64
    }

/// The same on a frozen backbone with prompts; the tests say what its file holds.
let prompting =
    experiment "prompting" {
        dataset (FashionMnist |> longTailed 100. |> imagesPerClass 600)
        model (vit "some.safetensors" |> deepPrompts 5 |> cosineHead |> classMeans)
        loss (gcl 25. |> deferReweighting 4<epoch>)
        optimizer (sgd 0.01 |> momentum 0.9 |> weightDecay 1e-3 |> gnm 0.005)
        schedule (cosine 6<epoch>)
    }

let one sweep =
    (Sweep.settings sweep |> List.exactlyOne).Experiment

/// The same values, of which each can be said anew.
let unsaid (e: Experiment) =
    { e with
        Experiment.Dataset.Said = Said.nothing
        Experiment.Input.Said = Said.nothing
        Experiment.Model.Said = Said.nothing
        Experiment.Loss.Said = Said.nothing
        Experiment.Optimizer.Said = Said.nothing
        Experiment.Schedule.Said = Said.nothing
    }

let backboneFile =
    {
        File = "some.safetensors"
        ContentHash = String.replicate 64 "0"
        InputSide = 32
        PatchSize = 8
        Width = 192
        ToldHeads = Some 3
        UnreadHeads = None
        PublishedHeads = None
        Pooling = LongTail.Core.Settings.Pooling.ClassToken
        Activation = Some LongTail.Core.Settings.Activation.Gelu
        Pretraining = { Data = None; Normalisation = None }
    }

/// What a machine has of a set: of one that is published as lists, what was published of its largest class.
let dataFiles hash (source: DataSource) =
    let facts =
        match ResidentSet.Of source with
        | null -> DataFacts([| 100; 50; 2 |], [| 3; 3; 3 |], System.Nullable(), hash, [||])
        | set ->
            let all count = Array.create set.Classes count
            DataFacts(all set.TrainImages, all set.TestImages, set.Side, hash, [||])

    { Source = source; Facts = facts }

/// A machine that has every file.
let sources =
    {
        Backbone = fun _ -> Ok backboneFile
        Data = fun source -> Ok(dataFiles $"the bytes of {source}" source)
    }

/// A machine on which every path is this file of weights.
let holding file =
    { sources with
        Backbone = fun _ -> Ok file
    }

let check = Validation.check sources
let warnings = Validation.warnings sources

let settingsOf experiment =
    match check experiment with
    | Ok sound -> sound.Settings
    | Error problems -> failwith $"%A{problems}"

let planned store sweep =
    match Plan.make sources store sweep with
    | Ok plan -> plan
    | Error problems -> failwith $"%A{problems}"

/// Hands the body a store that is not there yet.
let inStore body =
    inTempFolder (fun folder ->
        body
            {
                Folder = Path.Combine(folder, "runs")
            })

/// What an epoch on all cores had, with no run beside it.
let alone = MachineShare("cpu", Place.here.Threads, 0)

let private remade calibration epochs seconds (result: RunResult) =
    RunResult(
        result.Accuracy,
        result.ClassAccuracy,
        result.ClassCounts,
        result.ClassNames,
        result.ClassLabels,
        result.Harmonic,
        result.Worst,
        calibration,
        result.Epoch,
        seconds,
        result.TrainedValues,
        result.PeakMemoryMiB,
        result.BrokenImages,
        ResizeArray<EpochResult>(epochs: EpochResult seq)
    )

/// The same result, timed with another share of the machine.
let timedWith share (result: RunResult) =
    let epochs =
        [
            for e in result.Epochs -> EpochResult(e.Epoch, e.LearningRate, e.Loss, e.Seconds, e.SkippedSteps, share)
        ]

    result |> remade result.Calibration epochs result.SecondsPerEpoch

/// The same result of a run that has no epoch.
let untrained (result: RunResult) =
    result |> remade result.Calibration [] (System.Nullable())

/// The same result with another expected calibration error.
let withError error (result: RunResult) =
    let calibration = Calibration(error, 0.5, result.Calibration.Bins)
    result |> remade calibration result.Epochs result.SecondsPerEpoch

let private resultIn memory accuracy seconds =
    RunResult(
        accuracy,
        [|
            System.Nullable accuracy
            System.Nullable accuracy
            System.Nullable accuracy
            System.Nullable()
        |],
        [| 600; 60; 6; 6 |],
        [| "cat"; "dog"; "owl"; "emu" |],
        [| 2; 0; 3; 1 |],
        accuracy,
        accuracy,
        Calibration(0.125, 0.5, [| ReliabilityBin(3, 0.25, 0.75) |]),
        1,
        seconds,
        1234L,
        memory,
        [||],
        [|
            EpochResult(0, 0.1, 1. / 3., seconds, 0L, alone)
            EpochResult(1, 0.05, 0.1, seconds, 0L, alone)
        |]
    )

/// A result of this accuracy and this many seconds an epoch.
let result accuracy seconds =
    resultIn (System.Nullable 56.5) accuracy seconds

/// As `result`, where nobody tells the memory.
let resultOnGpu accuracy seconds =
    resultIn (System.Nullable()) accuracy seconds

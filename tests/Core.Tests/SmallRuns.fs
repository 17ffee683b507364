/// Whole small runs: a Vision Transformer drawn from the seed, and images of noise in which a class shares a colour.
module LongTail.Tests.SmallRuns

open System
open System.IO
open System.Threading
open Expecto
open LongTail.Core.Files
open LongTail.Core.Settings
open LongTail.Core.Training
open LongTail.Tests.TempFolder
open LongTail.Tests.Tensors

/// Test images a class: the last batch of 128 has two.
let testImages = 13

/// A CIFAR-10 folder with twenty training images a class.
let private writeCifar10 (folder: string) =
    let random = Random 5

    let rows count =
        [|
            for i in 0 .. 10 * count - 1 do
                let label = i % 10
                byte label

                for _ in 1..3072 do
                    byte (label * 20 + random.Next 40)
        |]

    let folder =
        Directory.CreateDirectory(Path.Combine(folder, "cifar-10-batches-bin")).FullName

    for i in 1..5 do
        File.WriteAllBytes(Path.Combine(folder, $"data_batch_{i}.bin"), rows 4)

    File.WriteAllBytes(Path.Combine(folder, "test_batch.bin"), rows testImages)

/// What the tests vary of a run of 4 epochs of 4 steps, on 12 to 3 images a class.
type SmallRun =
    {
        Base: BaseOptimizerSettings
        Perturbation: PerturbationSettings | null
        Groups: ParameterGroups
        ClipNorm: float option
        AverageDecay: float option
        MicroBatches: int
        Tuning: Tuning
        Dropout: DropoutSettings | null
        Precision: Precision
        Loss: LossSettings
        Sampler: SamplerSettings
        Resampling: DeferredResampling | null
        Evaluation: EvaluationSettings
        TestImages: int
        Seed: int64
    }

let plain =
    {
        Base = SgdSettings(0.02, 0.9, false, 1e-3)
        Perturbation = null
        Groups = ParameterGroups.Alike
        ClipNorm = None
        AverageDecay = None
        MicroBatches = 1
        Tuning = Tuning.PromptsAndHead
        Dropout = null
        Precision = Precision.Float32
        Loss = LossSettings(25., GaussianCloudedSettings(0.1, 1.), null, null)
        Sampler = InstanceSampling()
        Resampling = null
        Evaluation = EvaluationSettings.Plain
        TestImages = 2
        Seed = 11L
    }

let gnm = GnmSettings(0.005, 1, false)

let settings run =
    RunSettings(
        DataSettings(
            PublishedImages ImageSet.Cifar10,
            ImbalanceProfile.Exponential,
            4.,
            12,
            run.TestImages,
            0u,
            BrokenImages.Fail,
            Nullable(),
            ""
        ),
        inputOf [ RandomCrop 4; RandomFlip() ] 16 (Rgb(0.5, 0.5, 0.5)) (Rgb(0.5, 0.5, 0.5)),
        ModelSettings(
            DrawnBackbone(VisionTransformerShape(16, 8, 24, 2, 2)),
            3,
            Readout.ClsAndPrompts,
            HeadKind.Cosine,
            HeadInitial.ClassMeans,
            run.Tuning,
            run.Dropout,
            run.Precision
        ),
        run.Loss,
        OptimizerSettings(
            run.Base,
            run.Perturbation,
            run.Groups,
            Option.toNullable run.ClipNorm,
            Option.toNullable run.AverageDecay,
            run.MicroBatches
        ),
        ScheduleSettings(4, false, 0, DeferredReweighting(1, 0.9998), run.Sampler, run.Resampling),
        run.Evaluation,
        16,
        run.Seed
    )

/// Runs the body with a folder that holds the images, and a place for a checkpoint of each name.
let inCifarFolder body =
    inTempFolder (fun folder ->
        writeCifar10 folder
        body folder (fun name -> RunPlace("cpu", folder, Path.Combine(folder, name))))

let train run place =
    Trainer.Run(settings run, place, ignore, CancellationToken.None)

/// Runs these settings until so many steps are done, then cancels.
let stopSettingsAfter steps settings place =
    use source = new CancellationTokenSource()
    let mutable left: int = steps

    let count (progress: TrainingProgress) =
        if isNull progress.Finished then
            left <- left - 1

        if left = 0 then
            source.Cancel()

    Expect.throwsT<OperationCanceledException>
        (fun () -> Trainer.Run(settings, place, Action<_> count, source.Token) |> ignore)
        "stopped"

let stopAfter steps run place =
    stopSettingsAfter steps (settings run) place

let checkpoint (place: RunPlace) =
    match place.CheckpointFile with
    | null -> failtest "no checkpoint file"
    | file -> file

/// What the body makes of the checkpoint's tensors.
let inCheckpoint place (body: Safetensors -> 'a) =
    use saved = Safetensors.Read(checkpoint place)
    body saved

let sameCheckpoints left right =
    inCheckpoint left (fun left ->
        inCheckpoint right (fun right ->
            for tensor in left.Tensors do
                expectSameBits right[tensor.Name] left[tensor.Name] tensor.Name))

/// What a run found, but for what the clock and the system say.
let numbersOf (result: RunResult) =
    result.Accuracy,
    Seq.toList result.ClassAccuracy,
    result.Calibration.ExpectedError,
    Seq.toList (nonNull result.Calibration.Bins),
    result.Epoch,
    [
        for epoch in result.Epochs -> epoch.Epoch, epoch.LearningRate, epoch.Loss, epoch.SkippedSteps
    ]

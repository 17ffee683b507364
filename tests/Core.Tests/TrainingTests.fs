/// Whole small runs on drawn images: a stop costs nothing, a long run leaks nothing, what is frozen stays.
module LongTail.Tests.TrainingTests

open System
open System.IO
open System.Threading
open TorchSharp
open Expecto
open LongTail.Core
open LongTail.Core.Files
open LongTail.Core.Models
open LongTail.Core.Settings
open LongTail.Core.Training
open LongTail.Tests.TempFolder
open LongTail.Tests.Tensors

/// A CIFAR-10 folder of noise in which a class's images share a colour: six training images a class, two to test.
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
        File.WriteAllBytes(Path.Combine(folder, $"data_batch_{i}.bin"), rows 1000)

    File.WriteAllBytes(Path.Combine(folder, "test_batch.bin"), rows 1000)

let private settingsAt rate seed (perturbation: PerturbationSettings | null) tuning =
    RunSettings(
        DataSettings(ImageSet.Cifar10, ImbalanceProfile.Exponential, 4., 12, 2, 0u),
        InputSettings(16, Rgb(0.5, 0.5, 0.5), Rgb(0.5, 0.5, 0.5), 4, true),
        ModelSettings(
            DrawnBackbone(VisionTransformerShape(16, 8, 24, 2, 2)),
            3,
            Readout.ClsAndPrompts,
            HeadKind.Cosine,
            HeadInitial.ClassMeans,
            tuning,
            null
        ),
        LossSettings(25., GaussianCloudedSettings(0.1, 1.), null, null),
        OptimizerSettings(
            SgdSettings(rate, 0.9, false, 1e-3),
            perturbation,
            ParameterGroups.Alike,
            Nullable(),
            Nullable(),
            1
        ),
        ScheduleSettings(4, false, 0, DeferredReweighting(1, 0.9998), InstanceSampling(), null),
        EvaluationSettings.Plain,
        16,
        seed
    )

let private settings perturbation = settingsAt 0.02 11L perturbation

let private gnm = GnmSettings(0.005, 1, false)

let private inCifarFolder body =
    inTempFolder (fun folder ->
        writeCifar10 folder
        body folder (fun name -> RunPlace("cpu", folder, Path.Combine(folder, name))))

let private train settings place =
    Trainer.Run(settings, place, ignore, CancellationToken.None)

/// Runs until so many steps are done, then cancels.
let private stopAfter steps settings place =
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

let private sameCheckpoints (left: RunPlace) (right: RunPlace) =
    match left.CheckpointFile, right.CheckpointFile with
    | null, _
    | _, null -> failtest "no checkpoint file"
    | left, right ->
        use left = Safetensors.Read left
        use right = Safetensors.Read right

        for tensor in left.Tensors do
            expectSameBits right[tensor.Name] left[tensor.Name] tensor.Name

/// What a run found, but for what the clock and the system say.
let private numbersOf (result: RunResult) =
    result.Accuracy,
    Seq.toList result.ClassAccuracy,
    result.Calibration,
    [ for epoch in result.Epochs -> epoch.Epoch, epoch.LearningRate, epoch.Loss ]

let private residentMiB () =
    let line = File.ReadLines "/proc/self/status" |> Seq.find _.StartsWith("VmRSS")

    float (line.Split([| ' '; '\t' |], StringSplitOptions.RemoveEmptyEntries)[1])
    / 1024.

let private rules: (string * (PerturbationSettings | null)) list =
    [ "sgd", null; "sam", SamSettings 0.05; "gnm", gnm ]

[<Tests>]
let tests =
    testSequenced
    <| testList
        "training"
        [
            for name, rule in rules do
                for tuning in [ Tuning.PromptsAndHead; Tuning.Everything ] do
                    test $"a {name} run of {tuning} stopped three times ends with the bits of one that was not" {
                        inCifarFolder (fun _ place ->
                            let settings = settings rule tuning
                            let whole, stopped = place "whole", place "stopped"
                            let expected = train settings whole

                            for steps in [ 1; 4; 3 ] do
                                stopAfter steps settings stopped

                            let actual = train settings stopped
                            Expect.equal (numbersOf actual) (numbersOf expected) "results"
                            sameCheckpoints whole stopped)
                    }

            test "the same settings give the same bits, another seed others" {
                inCifarFolder (fun _ place ->
                    let settings = settings gnm Tuning.PromptsAndHead
                    let first, second = train settings (place "a"), train settings (place "b")
                    Expect.equal (numbersOf second) (numbersOf first) "same seed"
                    let other = train (settingsAt 0.02 12L gnm Tuning.PromptsAndHead) (place "c")
                    Expect.notEqual (numbersOf other) (numbersOf first) "another seed")
            }

            test "a finished run's checkpoint gives its result again without a step" {
                inCifarFolder (fun _ place ->
                    let settings = settings gnm Tuning.PromptsAndHead
                    let expected = train settings (place "a")
                    let steps = ResizeArray()

                    let again =
                        Trainer.Run(settings, place "a", Action<_> steps.Add, CancellationToken.None)

                    Expect.equal (numbersOf again) (numbersOf expected) "results"
                    Expect.isEmpty steps "steps")
            }

            test "a checkpoint of another run is refused by name" {
                inCifarFolder (fun _ place ->
                    train (settings null Tuning.PromptsAndHead) (place "a") |> ignore

                    let message =
                        inputError (fun () -> train (settings null Tuning.Everything) (place "a"))

                    Expect.stringContains message "values" "names the tensor")
            }

            test "a run that diverges says so in one line" {
                inCifarFolder (fun _ place ->
                    let wild = settingsAt 1e30 11L null Tuning.Everything
                    let message = inputError (fun () -> train wild (place "a"))
                    Expect.stringContains message "lower the learning rate" "remedy")
            }

            test "a device that is not there is named with what is" {
                inCifarFolder (fun folder _ ->
                    for device in [ "cuda:7"; "gpu" ] do
                        let place = RunPlace(device, folder, null)
                        let message = inputError (fun () -> train (settings null Tuning.HeadOnly) place)
                        Expect.stringContains message $"'{device}'" "device")
            }

            test "200 steps leave the count of live tensors and the resident memory flat" {
                use _ = torch.NewDisposeScope()
                let settings = settings gnm Tuning.PromptsAndHead
                let drawn = DrawnBackbone(VisionTransformerShape(32, 8, 48, 3, 3))

                let model =
                    ModelSettings(
                        drawn,
                        4,
                        Readout.ClsAndPrompts,
                        HeadKind.Cosine,
                        HeadInitial.Drawn,
                        Tuning.PromptsAndHead,
                        null
                    )

                use classifier = new Classifier(model, 10, 1L, torch.CPU)

                use optimizer =
                    Optimizers.Optimizer.Create(settings.Optimizer, classifier.Parameters, 1L, [| 1 |], null)

                let images, targets =
                    torch.randn [| 32L; 3L; 32L; 32L |], torch.randint (10L, [| 32L |])

                let pass =
                    Optimizers.Pass(fun _ backward ->
                        use _ = torch.NewDisposeScope()

                        let loss =
                            torch.nn.functional.cross_entropy (classifier.Outputs images * 25.0, targets)

                        backward.Invoke(loss.view 1L, targets)
                        loss.detach().MoveToOuterDisposeScope())

                let steps count =
                    for i in 1L .. count do
                        use _ = torch.NewDisposeScope()
                        optimizer.Step(pass, Optimizers.Moment(i, 0, 0.01)) |> ignore

                steps 20L
                let tensors, resident = torch.Tensor.TotalCount, residentMiB ()
                steps 200L
                Expect.equal torch.Tensor.TotalCount tensors "live tensors"
                Expect.isLessThan (residentMiB ()) (resident + 8.) "resident MiB"
            }
        ]

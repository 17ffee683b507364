/// Whole small runs on drawn images: a stop costs nothing, a long run leaks nothing, what is frozen stays.
module LongTail.Tests.TrainingTests

open System
open System.IO
open System.Threading
open TorchSharp
open Expecto
open LongTail.Core
open LongTail.Core.Models
open LongTail.Core.Settings
open LongTail.Core.Training
open LongTail.Tests.SmallRuns
open LongTail.Tests.TempFolder
open LongTail.Tests.Tensors

/// Settings, and others that change no more than how the trained values are judged.
let private judgedOtherwise =
    let drawn settings (test: TransformSettings list) =
        let s: RunSettings = settings

        let model =
            ModelSettings(
                s.Model.Backbone,
                s.Model.PromptLength,
                s.Model.Readout,
                s.Model.Head,
                HeadInitial.Drawn,
                s.Model.Tuning,
                s.Model.Dropout,
                s.Model.Precision
            )

        let input =
            InputSettings(s.Input.Train, Array.ofList test, s.Input.Mean, s.Input.Deviation)

        RunSettings(s.Data, input, model, s.Loss, s.Optimizer, s.Schedule, s.Evaluation, s.BatchSize, s.Seed)

    let evaluated prior batchMean unscaled =
        { plain with
            AverageDecay = Some 0.9
            Evaluation = EvaluationSettings(prior, batchMean, unscaled, false)
            TestImages = testImages
        }

    let start = settings (evaluated 0. false false)

    [
        "tau", start, settings (evaluated 1. false false)
        "the mean of batches", start, settings (evaluated 0. true false)
        "unscaled confidence", start, settings (evaluated 0. false true)
        "test images",
        start,
        settings
            { evaluated 0. false false with
                TestImages = 3
            }
        "test transforms", drawn start [ Resize 16 ], drawn start [ CentreCrop 24; Resize 16 ]
    ]

let private residentMiB () =
    let line = File.ReadLines "/proc/self/status" |> Seq.find _.StartsWith("VmRSS")

    float (line.Split([| ' '; '\t' |], StringSplitOptions.RemoveEmptyEntries)[1])
    / 1024.

/// Runs that differ in what a resumed run has to find again.
let private resumable =
    let perturbations: (string * (PerturbationSettings | null)) list =
        [
            "sgd", null
            "sam", SamSettings 0.05
            "asam", AsamSettings 0.5
            "imbsam", ImbSamSettings(0.05, 6)
            "focal-sam", FocalSamSettings(0.05, 2., 0.8)
            "gnm", gnm
            "lpf-sgd", LpfSgdSettings(0.01, 3, 5.)
            "rwp", RwpSettings(0.01, 0.5)
        ]

    let classAware = ClassAwareSampling 4

    [
        for name, rule in perturbations do
            $"a {name} run of PromptsAndHead", { plain with Perturbation = rule }
        for name, rule in perturbations do
            if name = "gnm" || name = "sam" then
                $"a {name} run of Everything",
                { plain with
                    Perturbation = rule
                    Tuning = Tuning.Everything
                }
        for tuning in [ Tuning.PromptsAndHead; Tuning.Everything ] do
            $"a gnm run of {tuning} in bfloat16",
            { plain with
                Perturbation = gnm
                Tuning = tuning
                Precision = Precision.BFloat16
            }
        "a clipped and averaged adamw run",
        { plain with
            Base = AdamWSettings(1e-3, 0.05)
            ClipNorm = Some 0.5
            AverageDecay = Some 0.9
        }
        "a nesterov run with a faster head",
        { plain with
            Base = SgdSettings(0.02, 0.9, true, 1e-3)
            Groups = ParameterGroups(GroupSettings(1., 1.), GroupSettings(10., 1.), GroupSettings(1., 1.))
        }
        for name, sampler in
            [
                "class-balanced", PowerSampling 0. :> SamplerSettings
                "square-root", PowerSampling 0.5
                "progressive", ProgressiveSampling()
                "effective number", EffectiveNumberSampling 0.99
                "class-aware", classAware
            ] do
            $"a {name} run", { plain with Sampler = sampler }
        "a re-sampled run in micro-batches",
        { plain with
            Perturbation = gnm
            Resampling = DeferredResampling(1, classAware)
            MicroBatches = 3
        }
        "a run with dropout that picks its best epoch",
        { plain with
            Perturbation = SamSettings 0.05
            Dropout = DropoutSettings(0.5, false)
            AverageDecay = Some 0.5
            Evaluation = EvaluationSettings(1., true, true, true)
        }
    ]

[<Tests>]
let tests =
    testSequenced
    <| testList
        "training"
        [
            for name, run in resumable do
                test $"{name} stopped three times ends with the bits of one that was not" {
                    inCifarFolder (fun _ place ->
                        let whole, stopped = place "whole", place "stopped"
                        let expected = train run whole

                        for steps in [ 1; 4; 3 ] do
                            stopAfter steps run stopped

                        let actual = train run stopped
                        Expect.equal (numbersOf actual) (numbersOf expected) "results"
                        sameCheckpoints whole stopped)
                }

            for name, trained, other in judgedOtherwise do
                test $"{name}: evaluated from another's training, a run has the bits of one trained on its own" {
                    inCifarFolder (fun _ place ->
                        let mutable steps = 0

                        let run settings place =
                            Trainer.Run(settings, place, (fun _ -> steps <- steps + 1), CancellationToken.None)

                        let first = run trained (place "shared")
                        let alone = run other (place "alone")
                        sameCheckpoints (place "shared") (place "alone")
                        steps <- 0
                        let shared = run other (place "shared")
                        Expect.equal steps 0 "nothing trained"
                        Expect.equal (numbersOf shared) (numbersOf alone) "results"
                        Expect.notEqual (numbersOf shared) (numbersOf first) "which are others"

                        Expect.equal
                            [ for epoch in shared.Epochs -> epoch.Seconds ]
                            [ for epoch in first.Epochs -> epoch.Seconds ]
                            "what the training took")
                }

            test "a checkpoint holds the values once, beside what the rule has to remember" {
                inCifarFolder (fun _ place ->
                    for name, run in resumable do
                        stopAfter 1 run (place name)

                        let vectors =
                            [
                                "values"
                                match run.Base with
                                | :? SgdSettings -> "optimizer.momentum"
                                | _ -> yield! [ "optimizer.first_moment"; "optimizer.second_moment" ]
                                if run.AverageDecay.IsSome then
                                    "optimizer.average"
                            ]

                        inCheckpoint (place name) (fun saved ->
                            let count = saved["values"].numel()

                            let large =
                                [
                                    for tensor in saved.Tensors do
                                        if saved[tensor.Name].numel() >= count then
                                            tensor.Name
                                ]

                            Expect.equal (List.sort large) (List.sort vectors) name
                            let length = FileInfo(checkpoint (place name)).Length
                            let room = 4L * count * int64 vectors.Length + 4096L
                            Order.isLessThan length room $"bytes of {name}"))
            }

            test "the same settings give the same bits, another seed others" {
                inCifarFolder (fun _ place ->
                    let run = { plain with Perturbation = gnm }
                    let first, second = train run (place "a"), train run (place "b")
                    Expect.equal (numbersOf second) (numbersOf first) "same seed"
                    let other = train { run with Seed = 12L } (place "c")
                    Expect.notEqual (numbersOf other) (numbersOf first) "another seed")
            }

            test "a finished run's checkpoint gives its result again without a step" {
                inCifarFolder (fun _ place ->
                    let expected = train plain (place "a")
                    let steps = ResizeArray()

                    let again =
                        Trainer.Run(settings plain, place "a", Action<_> steps.Add, CancellationToken.None)

                    Expect.equal (numbersOf again) (numbersOf expected) "results"
                    Expect.isEmpty steps "steps")
            }

            test "a checkpoint of another run is refused by name" {
                inCifarFolder (fun _ place ->
                    train plain (place "a") |> ignore

                    let message =
                        inputError (fun () ->
                            train
                                { plain with
                                    Tuning = Tuning.Everything
                                }
                                (place "a"))

                    Expect.stringContains message "values" "names the tensor")
            }

            test "a checkpoint that is emptied, cut off or without its position is refused with what to do" {
                inCifarFolder (fun folder place ->
                    train plain (place "a") |> ignore
                    let file = string (place "a").CheckpointFile
                    let whole = File.ReadAllBytes file
                    let text = System.Text.Encoding.Latin1.GetString whole

                    let harmed =
                        [
                            [||]
                            Array.truncate 100 whole
                            Array.truncate (whole.Length - 1) whole
                            System.Text.Encoding.Latin1.GetBytes(text.Replace("\"position\"", "\"positiom\""))
                            System.Text.Encoding.Latin1.GetBytes(text.Replace("StepInEpoch", "StepInEpo\\\\"))
                        ]

                    for bytes in harmed do
                        File.WriteAllBytes(file, bytes)
                        let message = inputError (fun () -> train plain (place "a"))
                        Expect.stringContains message $"; remove {file}, and the run starts anew" "remedy"
                        Expect.isFalse (message.Contains '\n') "one line")
            }

            test "a run that diverges says so in one line" {
                inCifarFolder (fun _ place ->
                    let wild =
                        { plain with
                            Base = SgdSettings(1e30, 0.9, false, 1e-3)
                            Tuning = Tuning.Everything
                        }

                    let message = inputError (fun () -> train wild (place "a"))
                    Expect.stringContains message "lower the learning rate" "remedy")
            }

            test "a device that is not there is named with what is" {
                inCifarFolder (fun folder _ ->
                    for device in [ "cuda:7"; "gpu" ] do
                        let place = RunPlace(device, folder, null)

                        let message =
                            inputError (fun () -> train { plain with Tuning = Tuning.HeadOnly } place)

                        Expect.stringContains message $"'{device}'" "device")
            }

            test "200 steps leave the count of live tensors and the resident memory flat" {
                use _ = torch.NewDisposeScope()
                let settings = settings { plain with Perturbation = gnm }
                let drawn = DrawnBackbone(VisionTransformerShape(32, 8, 48, 3, 3))

                let model =
                    ModelSettings(
                        drawn,
                        4,
                        Readout.ClsAndPrompts,
                        HeadKind.Cosine,
                        HeadInitial.Drawn,
                        Tuning.PromptsAndHead,
                        null,
                        Precision.Float32
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

                // .NET compiles what runs often anew, and its heap finds its size.
                steps 200L
                let tensors, resident = liveTensors (), residentMiB ()
                steps 200L
                Expect.equal (liveTensors ()) tensors "live tensors"
                Order.isLessThan (residentMiB ()) (resident + 8.) "resident MiB"
            }
        ]

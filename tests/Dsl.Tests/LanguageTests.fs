/// What a person writes, and what it comes to.
module LongTail.Tests.LanguageTests

open System.Diagnostics
open System.IO
open System.Text.RegularExpressions
open Expecto
open LongTail
open LongTail.Core.Settings
open LongTail.Tests.Samples
open LongTail.Tests.TempFolder

let private meaning =
    testList
        "an experiment"
        [
            testCase "is the settings that it reads as" (fun () ->
                let settings =
                    experiment "cifar100-lt" {
                        dataset (Cifar100 |> longTailed 100.)
                        input (side 224 |> normalise cifar |> withoutFlip)
                        model (vit "some.safetensors" |> deepPrompts 10 |> cosineHead)
                        loss (gcl 25. |> deferReweighting 60<epoch>)
                        optimizer (sgd 0.005 |> momentum 0.9 |> weightDecay 1e-3 |> gnm 0.005)
                        schedule (cosine 70<epoch> |> lagged)
                        batch 128
                        seed 7L
                    }
                    |> one
                    |> settingsOf

                let expected =
                    RunSettings(
                        DataSettings(
                            PublishedImages ImageSet.Cifar100,
                            ImbalanceProfile.Exponential,
                            100.,
                            System.Nullable(),
                            System.Nullable(),
                            0u,
                            BrokenImages.Fail,
                            System.Nullable(),
                            $"the bytes of {PublishedImages ImageSet.Cifar100}"
                        ),
                        InputSettings(
                            [| RandomCrop 4; Resize 224 |],
                            [| Resize 224 |],
                            Rgb(0.4914, 0.4822, 0.4465),
                            Rgb(0.2023, 0.1994, 0.2010)
                        ),
                        ModelSettings(
                            PretrainedBackbone(
                                "some.safetensors",
                                backboneFile.ContentHash,
                                3,
                                Activation.Gelu,
                                Pooling.ClassToken
                            ),
                            10,
                            Readout.ClsAndPrompts,
                            HeadKind.Cosine,
                            HeadInitial.Drawn,
                            Tuning.PromptsAndHead,
                            null,
                            Precision.Float32
                        ),
                        LossSettings(25., GaussianCloudedSettings(0.1, 1.), null, null),
                        OptimizerSettings(
                            SgdSettings(0.005, 0.9, false, 1e-3),
                            // The published E: weights and halved noise both begin in epoch 60.
                            GnmSettings(0.005, System.Nullable 59, false),
                            ParameterGroups.Alike,
                            System.Nullable(),
                            System.Nullable(),
                            1
                        ),
                        ScheduleSettings(70, true, 0, DeferredReweighting(59, 0.9998), InstanceSampling(), null),
                        EvaluationSettings.Plain,
                        128,
                        7L
                    )

                Expect.equal settings expected "settings")
            testCase "takes the backbone's own side where it names none" (fun () ->
                let input = (settingsOf (one prompting)).Input
                let own = Resize backboneFile.InputSide :> TransformSettings
                Expect.equal (Seq.last input.Train) own "training"
                Expect.equal (Seq.toList input.Test) [ own ] "testing")
            testCase "says the published pipelines" (fun () ->
                let input =
                    (settingsOf
                        { one prompting with
                            Input = publishedCifar
                        })
                        .Input

                Expect.equal
                    (Seq.toList input.Train)
                    [
                        RandomCrop 4
                        RandomFlip()
                        AutoAugment AugmentationPolicy.Cifar10
                        Cutout 16
                        Resize 224
                    ]
                    "training"

                Expect.equal (Seq.toList input.Test) [ ResizeShort 256; CentreCrop 224 ] "testing"
                Expect.equal input.Mean (Rgb(0.4914, 0.4822, 0.4465)) "mean")
            testCase "tests on what of the training's transforms is not random" (fun () ->
                let test input =
                    (settingsOf { one prompting with Input = input }).Input.Test |> Seq.toList

                let own = backboneFile.InputSide

                let cases: (Input * TransformSettings list) list =
                    [
                        decode, [ Resize own ]
                        augmented, [ Resize own ]
                        side 64 |> crop 2, [ Resize 64 ]
                        decode |> resizeShort 40 |> centreCrop 32 |> cutout 8, [ ResizeShort 40; CentreCrop 32 ]
                        decode |> randomResizedCrop 56 |> flip, [ ResizeShort 64; CentreCrop 56 ]
                        side 64 |> testing (resizeShort 80), [ ResizeShort 80; Resize 64 ]
                    ]

                for input, expected in cases do
                    Expect.equal (test input) expected $"{input}")
            testCase "a transform said again takes the new numbers and keeps its place" (fun () ->
                Expect.equal (side 32 |> crop 2).Train [ Transform.Crop 2; Transform.Flip; Transform.Resize 32 ] "crop"
                Expect.equal (side 32 |> resize 64).Train (side 64).Train "resize"
                Expect.equal (side 32 |> withoutCrop |> withoutFlip).Train (decode |> resize 32).Train "without")
            testCase "a crop by nothing is no crop" (fun () ->
                let named input =
                    Identity.hash (settingsOf { one prompting with Input = input })

                Expect.equal (named (side 32 |> crop 0)) (named (side 32 |> withoutCrop)) "one run")
            testCase "scales cross-entropy on cosines, and not on a linear head" (fun () ->
                let scale head =
                    let e = unsaid (one prompting)

                    let plain =
                        { e with
                            Loss = crossEntropy
                            Model = e.Model |> drawnHead |> head
                        }

                    (settingsOf plain).Loss.Scale

                Expect.equal (scale cosineHead) 25. "cosine"
                Expect.equal (scale linearHead) 1. "linear")
            testCase "without prompts is one with its head alone tuned" (fun () ->
                let model = (unsaid (one prompting)).Model |> deepPrompts 0

                let settings =
                    settingsOf
                        { one prompting with
                            Model = model |> tuning Tuning.PromptsAndHead
                        }

                let headOnly =
                    settingsOf
                        { one prompting with
                            Model = model |> tuning Tuning.HeadOnly
                        }

                Expect.equal settings headOnly "one computation, one run"
                Expect.equal settings.Model.Readout Readout.Cls "no prompts to read")
            testCase "says every perturbation of the core" (fun () ->
                let e = one prompting

                let resolved perturb =
                    (settingsOf (perturbation.Set perturb e)).Optimizer.Perturbation

                let halved = System.Nullable 3

                let expected: ((Optimizer -> Optimizer) * (PerturbationSettings | null)) list =
                    [
                        none, null
                        gnm 0.005, GnmSettings(0.005, halved, false)
                        literalGnm 0.005, GnmSettings(0.005, halved, true)
                        perturbed (Gnm(0.005, PublishedOff, true)), GnmSettings(0.005, System.Nullable -1, true)
                        sam 0.05, SamSettings 0.05
                        asam 0.5, AsamSettings 0.5
                        imbSam 0.05, ImbSamSettings(0.05, 20)
                        focalSam 0.05 5.5 0.8, FocalSamSettings(0.05, 5.5, 0.8)
                        lpfSgd 0.001 4, LpfSgdSettings(0.001, 4, 1.)
                        rwp 0.01, RwpSettings(0.01, 0.5)
                    ]

                for perturb, settings in expected do
                    Expect.equal (resolved perturb) settings $"{settings}")
            testCase "says what is around the optimizer" (fun () ->
                let e = one prompting

                let settings =
                    (settingsOf
                        { e with
                            Optimizer =
                                sgd 0.02
                                |> momentum 0.9
                                |> nesterov
                                |> rateTimes 10. Head
                                |> radiusTimes 0.5 Prompts
                                |> gnm 0.005
                                |> clipped 1.
                                |> averaged 0.999
                                |> microBatches 4
                        })
                        .Optimizer

                Expect.equal settings.Base (SgdSettings(0.02, 0.9, true, 0.)) "base"

                Expect.equal
                    settings.Groups
                    (ParameterGroups(GroupSettings(1., 0.5), GroupSettings(10., 1.), GroupSettings(1., 1.)))
                    "groups"

                Expect.equal
                    (settings.ClipNorm, settings.AverageDecay, settings.MicroBatches)
                    (System.Nullable 1., System.Nullable 0.999, 4)
                    "clip, average, pieces")
            testCase "says every loss of the core" (fun () ->
                let resolved loss =
                    (settingsOf { one prompting with Loss = loss }).Loss

                let expected =
                    [
                        crossEntropy, LossSettings(25., PlainLogits(), null, null)
                        scaled 16. crossEntropy, LossSettings(16., PlainLogits(), null, null)
                        ldam 30., LossSettings(30., LdamSettings(0.5, false), null, null)
                        unscaledLdam 30., LossSettings(30., LdamSettings(0.5, true), null, null)
                        balancedSoftmax, LossSettings(25., LogitAdjustmentSettings 1., null, null)
                        logitAdjusted 2., LossSettings(25., LogitAdjustmentSettings 2., null, null)
                        gcl 20. |> focal 4.,
                        LossSettings(20., GaussianCloudedSettings(0.1, 1.), null, FocalSettings(4., false))
                        crossEntropy |> deferReweighting 4<epoch> |> focalOfWeighted 1.,
                        LossSettings(25., PlainLogits(), null, FocalSettings(1., true))
                        crossEntropy |> labelSmoothing 0.1,
                        LossSettings(25., PlainLogits(), SmoothingSettings(0.1, 0.1, SmoothingShape.Linear, 1.), null)
                        crossEntropy |> labelAwareSmoothing Concave 0.4 0.1,
                        LossSettings(25., PlainLogits(), SmoothingSettings(0.4, 0.1, SmoothingShape.Concave, 1.), null)
                        crossEntropy |> labelAwareSmoothing (Power 2.) 0.4 0.1,
                        LossSettings(25., PlainLogits(), SmoothingSettings(0.4, 0.1, SmoothingShape.Power, 2.), null)
                    ]

                for loss, settings in expected do
                    Expect.equal (resolved loss) settings $"{settings}")
            testCase "says when class weights and samplers act" (fun () ->
                let resolved loss sampling =
                    let s =
                        (settingsOf
                            { one prompting with
                                Loss = loss
                                Sampling = sampling
                            })
                            .Schedule

                    s.Reweighting, s.Sampler, s.Resampling

                Expect.equal
                    (resolved (ldam 30. |> classBalanced 0.999) progressiveSampling)
                    (DeferredReweighting(-1, 0.999), ProgressiveSampling(), null)
                    "from the start"

                Expect.equal
                    (resolved
                        (ldam 30. |> deferReweighting 4<epoch>)
                        (instanceSampling |> deferResampling 2<epoch> squareRootSampling))
                    (DeferredReweighting(3, 0.9999), InstanceSampling(), DeferredResampling(1, PowerSampling 0.5))
                    "deferred")
            testCase
                "says the quirks of the published code, and each that makes a statistic wrong is warned of"
                (fun () ->
                    let quirky =
                        experiment "as published" {
                            dataset (FashionMnist |> longTailed 100. |> imagesPerClass 600)
                            model (vit "some.safetensors" |> deepPrompts 5 |> dropoutInEpochZero 0.1)
                            loss (unscaledLdam 30. |> focalOfWeighted 1. |> deferReweighting 4<epoch>)
                            optimizer (sgd 0.01 |> perturbed (Gnm(0.005, PublishedOff, true)))
                            schedule (cosine 6<epoch> |> lagged)
                            evaluation (bestOnTest |> batchMeanAccuracy |> unscaledConfidence)
                        }
                        |> one

                    let settings = settingsOf quirky
                    Expect.equal settings.Evaluation (EvaluationSettings(0., true, true, true)) "evaluation"
                    Expect.equal settings.Model.Dropout (DropoutSettings(0.1, true)) "dropout"

                    Expect.equal
                        (warnings quirky |> List.map (fun p -> p.Field, p.Value))
                        [
                            "gnm", "PublishedOff"
                            "evaluation", "bestOnTest"
                            "evaluation", "batchMeanAccuracy"
                            "evaluation", "unscaledConfidence"
                        ]
                        "warnings")
            testCase "halves GNM's noise with the re-weighting, and never where there is none" (fun () ->
                let halving loss =
                    Resolution.halveEvery { one pretraining with Loss = loss }

                Expect.equal (halving (crossEntropy |> deferReweighting 3<epoch>)) (Some 2) "deferred to epoch 3"
                Expect.equal (halving crossEntropy) None "never re-weighted"
                Expect.equal (halving (crossEntropy |> classBalanced 0.99)) None "from the start")
        ]

/// What the compiler says of a script, and its exit code.
let private compile (script: string) =
    inTempFolder (fun folder ->
        let file = Path.Combine(folder, "script.fsx")
        File.WriteAllText(file, $"#r @\"{typeof<Experiment>.Assembly.Location}\"\nopen LongTail\n{script}")

        use fsi =
            Process.Start(
                ProcessStartInfo(
                    "dotnet",
                    [ "fsi"; "--typecheck-only"; file ],
                    RedirectStandardError = true,
                    RedirectStandardOutput = true
                )
            )
            |> Option.ofObj
            |> Option.get

        let said = fsi.StandardError.ReadToEndAsync()
        fsi.StandardOutput.ReadToEnd() |> ignore
        fsi.WaitForExit()
        fsi.ExitCode, said.Result)

let private parts =
    [
        "dataset Cifar100"
        "model (vit \"some.safetensors\")"
        "loss crossEntropy"
        "optimizer (sgd 0.1)"
        "schedule (cosine 3<epoch>)"
        "sampling (instanceSampling |> deferResampling 2<epoch> classBalancedSampling)"
        "evaluation afterLastEpoch"
    ]

let private script lines =
    let body = lines |> List.map (fun line -> $"    {line}\n") |> String.concat ""
    $"experiment \"a script\" {{\n{body}}}\n|> ignore\n"

/// The scripts that a document shows, without the line that loads the language.
let private shown document =
    let load = "#load \"longtail.fsx\""

    [
        for found in
            Regex.Matches(
                File.ReadAllText $"{__SOURCE_DIRECTORY__}/../../{document}",
                $"```fsharp\n{load}\n(.*?)```",
                RegexOptions.Singleline
            ) -> found.Groups[1].Value
    ]

let private compiler =
    testList
        "the compiler"
        [
            testCase "takes the parts in any order" (fun () ->
                Expect.equal (compile (script (List.rev parts))) (0, "") "exit code and complaints")
            testTheory
                "names a part that is misspelt, forgotten, said twice or no part"
                [
                    parts |> List.map _.Replace("optimizer", "optimiser"), "'optimiser' is not defined"
                    List.tail parts, "Draft<Missing,"
                    parts @ [ "loss crossEntropy" ], "Draft<Dataset,Model,Missing,"
                    parts @ [ "ignore 3" ], "the parts of an experiment are dataset, input, model"
                ]
                (fun (lines, complaint) ->
                    let code, said = compile (script lines)
                    Expect.notEqual code 0 "exit code"
                    Expect.stringContains said complaint "complaint")
            testTheory
                "takes what the documents show"
                [ "README.md"; "docs/losses-and-optimizers.md"; "docs/language.md" ]
                (fun document ->
                    let scripts = shown document
                    Expect.isNonEmpty scripts "scripts"

                    for script in scripts do
                        Expect.equal (compile script) (0, "") "exit code and complaints")
        ]

[<Tests>]
let tests = testList "language" [ meaning; compiler ]

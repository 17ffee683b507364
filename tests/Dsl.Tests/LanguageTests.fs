/// What a person writes, and what it comes to.
module LongTail.Tests.LanguageTests

open System.Diagnostics
open System.IO
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
                            ImageSet.Cifar100,
                            ImbalanceProfile.Exponential,
                            100.,
                            System.Nullable(),
                            System.Nullable(),
                            0u
                        ),
                        InputSettings(
                            224,
                            Rgb(0.4914, 0.4822, 0.4465),
                            Rgb(0.2023, 0.1994, 0.2010),
                            CropPadding = 4,
                            Flip = false
                        ),
                        ModelSettings(
                            PretrainedBackbone("some.safetensors", backboneFile.ContentHash),
                            10,
                            Readout.ClsAndPrompts,
                            HeadKind.Cosine,
                            HeadInitial.Drawn,
                            Tuning.PromptsAndHead,
                            null
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
                Expect.equal (settingsOf (one prompting)).Input.Side backboneFile.InputSide "side")
            testCase "scales cross-entropy on cosines, and not on a linear head" (fun () ->
                let scale head =
                    let e = one prompting

                    let plain =
                        { e with
                            Loss = crossEntropy
                            Model = e.Model |> drawnHead |> head
                        }

                    (settingsOf plain).Loss.Scale

                Expect.equal (scale cosineHead) 25. "cosine"
                Expect.equal (scale linearHead) 1. "linear")
            testCase "without prompts is one with its head alone tuned" (fun () ->
                let model = (one prompting).Model |> deepPrompts 0

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
            testCase "halves GNM's noise with the re-weighting, and never where there is none" (fun () ->
                let halving loss =
                    Resolution.halveEvery { one pretraining with Loss = loss }

                Expect.equal (halving (crossEntropy |> deferReweighting 3<epoch>)) (Some 2) "deferred to epoch 3"
                Expect.equal (halving crossEntropy) None "never re-weighted")
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
    ]

let private script lines =
    let body = lines |> List.map (fun line -> $"    {line}\n") |> String.concat ""
    $"experiment \"a script\" {{\n{body}}}\n|> ignore\n"

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
        ]

[<Tests>]
let tests = testList "language" [ meaning; compiler ]

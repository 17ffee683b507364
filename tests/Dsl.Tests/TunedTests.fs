/// What a table says where it ranks settings of one method by what they do on the test images.
module LongTail.Tests.TunedTests

open Expecto
open LongTail
open LongTail.Commands
open LongTail.Reports
open LongTail.Tests.ReportSamples
open LongTail.Tests.Samples
open LongTail.Tests.StoreSamples

let private lines sweep =
    Sweep.settings sweep
    |> List.map (fun s -> Tuned.ofRun s.Labels (settingsOf s.Experiment))
    |> Tuned.lines

let private unvalidated =
    "is chosen on the test images and is too high by an unknown amount; there is no validation set yet."

let private oneOf name count =
    [
        $"The settings of {name} are ranked by test accuracy: the best of {count} {unvalidated}"
    ]

let private rates = pretraining |> vary learningRate [ 0.01; 0.02; 0.0025 ]

[<Tests>]
let tests =
    testList
        "settings of one method"
        [
            testCase "are those that differ in numbers alone, on whatever axis" (fun () ->
                let decays =
                    axis
                        "decay"
                        (fun decay e ->
                            { e with
                                Experiment.Optimizer.WeightDecay = decay
                            })
                        _.Optimizer.WeightDecay

                Expect.equal (lines rates) (oneOf "one method" 3) "rates"
                Expect.equal (lines (rates |> seeds [ 0; 1 ])) (oneOf "one method" 3) "of several seeds"
                Expect.equal (lines (pretraining |> vary decays [ 0.; 1e-3 ])) (oneOf "one method" 2) "decays"

                Expect.equal
                    (lines (pretraining |> vary loss [ for tau in [ 0.5; 1.; 2. ] -> logitAdjusted tau ]))
                    (oneOf "one method" 3)
                    "tau"

                Expect.equal
                    (lines (
                        pretraining
                        |> vary loss [ for tau in [ 0.5; 1.; 2. ] -> crossEntropy |> adjustedPostHoc tau ]
                    ))
                    (oneOf "CE+LA post hoc" 3)
                    "tau after training"

                Expect.equal (lines (pretraining |> vary perturbation [ gnm 0.005; gnm 0.01 ])) (oneOf "gnm" 2) "radii"

                Expect.equal
                    (lines (
                        pretraining
                        |> vary perturbation [ none; gnm 0.005 ]
                        |> vary learningRate [ 0.01; 0.02 ]
                    ))
                    [
                        $"Settings of each of these methods are ranked by test accuracy: sgd (2); gnm (2). The best of each {unvalidated}"
                    ]
                    "of two methods")
            testCase "are no methods, data sets or models" (fun () ->
                for compared in
                    [
                        pretraining |> vary perturbation [ none; sam 0.05; gnm 0.005 ]
                        pretraining
                        |> vary loss [ crossEntropy; gcl 25.; gcl 25. |> deferReweighting 4<epoch> ]
                        pretraining
                        |> vary
                            loss
                            [
                                crossEntropy |> classBalanced 0.99
                                crossEntropy |> deferReweighting 4<epoch>
                            ]
                        pretraining |> vary sampling [ classBalancedSampling; squareRootSampling ]
                        pretraining |> vary imbalance [ 10.; 100. ]
                        pretraining |> vary dataset [ FashionMnist; Cifar100 |> longTailed 100. ]
                        pretraining |> seeds [ 0; 1; 2 ]
                    ] do
                    Expect.isEmpty (lines compared) "a comparison")
            testCase "are told once by every table, and then nothing is said to be unselected" (fun () ->
                let told = List.exactlyOne (oneOf "one method" 3)

                let once (text: string) where =
                    Expect.equal (text.Split(told).Length - 1) 1 where
                    Expect.isFalse (text.Contains "nothing selected") where

                inStoreOf [ 0.5; 0.6; 0.7 ] rates (fun store _ ->
                    let ofScript =
                        { subjectOf store [] with
                            Plan = Some(planned store rates)
                        }

                    for subject, where in [ ofScript, "script"; subjectOf store [], "store" ] do
                        for format in [ "md"; "latex" ] do
                            once (Export.writer format (ExportRow.ofSubject subject) []) $"{format} of a {where}")

                let account =
                    account (fun e -> wholeResult (0.5 + e.Optimizer.LearningRate) 0.5 1. 1.) (rates |> seeds [ 0; 1 ])

                once (Text.ofAccount account) "Markdown report"
                once (Tables.protocol account |> String.concat "\n") "terminal and page"

                Expect.contains
                    account.Judgement.Sentences
                    "The first is the best of 3 settings of its method, chosen on the test images."
                    "judgement")
            testCase "are not told where methods are compared" (fun () ->
                let account = account answer (ablation 2)
                Expect.stringContains account.Caption "nothing selected" "caption"
                Expect.all account.Judgement.Sentences (fun said -> not (said.Contains "chosen on")) "judgement")
        ]

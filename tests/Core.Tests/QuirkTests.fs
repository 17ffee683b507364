/// Quirks of the published code outside optimizers and losses, each pinned by its published number (method.md 3, 7).
module LongTail.Tests.QuirkTests

open System
open TorchSharp
open Expecto
open LongTail.Core.Evaluation
open LongTail.Core.Models
open LongTail.Core.Settings
open LongTail.Core.Training
open LongTail.Tests.RunTests
open LongTail.Tests.SmallRuns
open LongTail.Tests.Tensors

/// Confidences and predictions of these outputs.
let private judged settings scale (counts: int seq) (outputs: torch.Tensor) =
    use judge = new Judge(settings, scale, Array.ofSeq counts)
    let struct (confidence, prediction) = judge.Of outputs
    [ for c in confidence.data<float32>().ToArray() -> float c ], List.ofArray (prediction.data<int64>().ToArray())

let private unscaled = EvaluationSettings(0., false, true, false)

let private postHoc tau =
    EvaluationSettings(tau, false, false, false)

let private confidences =
    testList
        "confidence"
        [
            testCase
                "of 100 cosines without their scale is 0.0695 at most"
                (scoped (fun () ->
                    let surest =
                        (torch.tensor (Array.init 100 (fun j -> if j = 7 then 1.f else -1.f))).view(1L, 100L)

                    let confidence, prediction = judged unscaled 25. (Seq.replicate 100 5) surest
                    Expect.floatClose Accuracy.medium confidence[0] (exp 1. / (exp 1. + 99. / exp 1.)) "formula"
                    Expect.floatClose { absolute = 5e-5; relative = 0. } confidence[0] 0.0695 "as published"
                    Expect.equal prediction [ 7L ] "prediction"

                    let scaled, _ = judged EvaluationSettings.Plain 25. (Seq.replicate 100 5) surest

                    Expect.floatClose Accuracy.medium scaled[0] 1. "with the scale"))

            testProperty "without a scale changes no prediction" (fun (seed: int) ->
                use _ = torch.NewDisposeScope()
                use generator = new torch.Generator(uint64 (abs (int64 seed)))
                let outputs = torch.randn ([| 5L; 10L |], generator = generator)
                let counts = [ 10..-1..1 ]

                snd (judged unscaled 25. counts outputs) = snd (judged EvaluationSettings.Plain 25. counts outputs))
        ]

let private adjustments =
    testList
        "post-hoc adjustment"
        [
            testCase
                "takes tau times the logarithm of the class's share off the scaled outputs"
                (scoped (fun () ->
                    // Shares 0.9 and 0.1: with tau 1 the tail wins where it is behind by less than ln 9 = 2.197.
                    for behind, tail in [ 2.1, 1L; 2.3, 0L ] do
                        let outputs = torch.tensor [| float32 (behind / 10.); 0.f |]

                        let confidence, prediction =
                            judged (postHoc 1.) 10. [ 90; 10 ] (outputs.view (1L, 2L))

                        Expect.equal prediction [ tail ] $"{behind}"
                        let odds = exp (abs (behind - log 9.))
                        Expect.floatClose Accuracy.medium confidence[0] (odds / (1. + odds)) "confidence"))

            testCase
                "of equal classes, or with tau 0, changes nothing"
                (scoped (fun () ->
                    let outputs = torch.randn [| 6L; 4L |]
                    let _, expected = judged EvaluationSettings.Plain 5. [ 9; 9; 9; 9 ] outputs

                    for tau, counts in [ 1., [ 9; 9; 9; 9 ]; 0., [ 9; 5; 3; 1 ] ] do
                        Expect.equal (snd (judged (postHoc tau) 5. counts outputs)) expected $"{tau}"))
        ]

let private batchMeans =
    testList
        "batch-mean accuracy"
        [
            testCase "an image of the last 16 counts 8 times: CE's 80.96 % becomes 81.10 (method.md 7)" (fun () ->
                let correct =
                    Array.init 10_000 (fun i -> if i < 9_984 then i < 8_096 - 15 else i <> 9_984)

                Expect.equal (correct |> Array.filter id |> Array.length) 8_096 "images"

                Expect.floatClose
                    { absolute = 5e-5; relative = 0. }
                    (ClassAccuracy.BatchMean(correct, 128))
                    0.8110
                    "published")
            test "is a run's accuracy where it is asked for" {
                inCifarFolder (fun _ place ->
                    // 130 test images: a batch of 128 and one of 2.
                    let run = { plain with TestImages = testImages }
                    let byImages = train run (place "images")

                    let byBatches =
                        train
                            { run with
                                Evaluation = EvaluationSettings(0., true, false, false)
                            }
                            (place "batches")

                    Expect.equal (Seq.toList byBatches.ClassAccuracy) (Seq.toList byImages.ClassAccuracy) "classes"
                    let correct = Math.Round(byImages.Accuracy * 130.)

                    let possible =
                        [ for last in 0. .. 2. -> ((correct - last) / 128. + last / 2.) / 2. ]

                    Expect.exists possible (fun mean -> abs (mean - byBatches.Accuracy) < 1e-12) "a mean of two")
            }
        ]

let private ties =
    test "best on test reports the first of epochs that are alike" {
        inCifarFolder (fun _ place ->
            let still =
                { plain with
                    Base = SgdSettings(0., 0., false, 0.)
                    Evaluation = EvaluationSettings(0., false, false, true)
                }

            Expect.equal (train still (place "still")).Epoch 0 "epoch")
    }

let private selection =
    test "best on test reports the first best of all epochs, each judged as if it were the last" {
        inCifarFolder (fun _ place ->
            // Its accuracies go up and down: 27.7, 25.4, 36.2, 25.4 %.
            let run =
                { plain with
                    Seed = 4L
                    TestImages = testImages
                    AverageDecay = Some 0.3
                }

            let accuracies =
                [
                    for epoch in 1..4 do
                        let stopped, ended = place $"stopped {epoch}", place $"ended {epoch}"

                        if epoch < 4 then
                            stopAfter (4 * epoch) run stopped
                        else
                            train run stopped |> ignore

                        rewrite stopped ended (fun name tensor -> name, tensor) (fun position ->
                            position["Epoch"] <- 4)

                        (train run ended).Accuracy
                ]

            let best = List.max accuracies
            Order.isLessThan (List.last accuracies) best "the last epoch is not the best"

            let selecting =
                { run with
                    Evaluation = EvaluationSettings(0., false, false, true)
                }

            let result = train selecting (place "selecting")
            Expect.equal result.Accuracy best "accuracy"
            Expect.equal result.Epoch (List.findIndex ((=) best) accuracies) "epoch"
            // Resumed behind its best epoch, it still knows it.
            stopAfter 13 selecting (place "resumed")
            Expect.equal (numbersOf (train selecting (place "resumed"))) (numbersOf result) "resumed"
            Expect.equal (train run (place "plain")).Epoch 3 "the last, where nothing is selected")
    }

let private dropped (settings: DropoutSettings | null) epoch seed step =
    Dropout.Drawn(settings, epoch, seed, step, torch.CPU)

let private dropout =
    testList
        "dropout"
        [
            testCase
                "drops its rate of the features and keeps their mean, anew at every call"
                (scoped (fun () ->
                    match dropped (DropoutSettings(0.1, false)) 3 1L 7L with
                    | null -> failtest "nothing is dropped"
                    | draw ->
                        let first, second = draw.Invoke [| 400L; 100L |], draw.Invoke [| 400L; 100L |]
                        let values = first.data<float32>().ToArray()
                        let share = (values |> Array.filter ((=) 0.f) |> Array.length |> float) / 40_000.
                        // Standard error 0.0015.
                        Expect.floatClose { absolute = 0.0075; relative = 0. } share 0.1 "share"
                        let kept = float (Array.max values)
                        Expect.floatClose Accuracy.medium kept (1. / 0.9) "factor"
                        Expect.isFalse (sameBits first second) "two passes of a step"

                        match dropped (DropoutSettings(0.1, false)) 3 1L 7L with
                        | null -> failtest "nothing is dropped"
                        | again -> expectSameBits (again.Invoke [| 400L; 100L |]) first "the same step again"))

            testCase "as published acts in epoch 0 only" (fun () ->
                let acts (settings: DropoutSettings | null) epoch =
                    not (isNull (dropped settings epoch 1L 7L))

                Expect.equal
                    [ for epoch in 0..2 -> acts (DropoutSettings(0.1, true)) epoch ]
                    [ true; false; false ]
                    "literal"

                Expect.equal
                    [ for epoch in 0..2 -> acts (DropoutSettings(0.1, false)) epoch ]
                    [ true; true; true ]
                    "all"

                Expect.isFalse (acts null 0) "none")

            test "of a run changes its training, and nothing of its judging" {
                inCifarFolder (fun _ place ->
                    let run (settings: DropoutSettings | null) =
                        let result = train { plain with Dropout = settings } (place $"run {settings}")
                        [ for epoch in result.Epochs -> epoch.Loss ]

                    let none = run null
                    let zero = run (DropoutSettings(0.5, true))
                    let always = run (DropoutSettings(0.5, false))
                    Expect.equal zero.Head always.Head "epoch 0"
                    Expect.notEqual zero[1] always[1] "epoch 1"
                    Expect.notEqual zero.Head none.Head "epoch 0 of a run without")
            }
        ]

[<Tests>]
let tests =
    testSequenced
    <| testList "quirk" [ confidences; adjustments; batchMeans; ties; selection; dropout ]

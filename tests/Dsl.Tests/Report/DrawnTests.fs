/// What charts show of a setting.
module LongTail.Tests.DrawnTests

open System
open Expecto
open LongTail
open LongTail.Core.Evaluation
open LongTail.Core.Training
open LongTail.Reports
open LongTail.Tests.ReportSamples

let private drawn (results: RunResult list) =
    let rows, settings =
        Samples.pretraining
        |> vary loss [ crossEntropy; drw ]
        |> seeds [ 0 .. results.Length - 1 ]
        |> runs (fun e -> results[int e.Seed])

    Contender.ofRows "sample" settings rows
    |> List.head
    |> Drawn.ofContender surfaceOf

let private resultOf (classes: (int * float) array) bins losses =
    RunResult(
        0.5,
        classes |> Array.map (fun (_, accuracy) -> Nullable accuracy),
        classes |> Array.map fst,
        classes |> Array.mapi (fun j _ -> $"class {j}"),
        [| 0 .. classes.Length - 1 |],
        0.5,
        0.5,
        Calibration(0.1, 0.1, bins),
        0,
        1.,
        1L,
        1.,
        [||],
        [|
            for epoch, loss in Array.indexed losses -> EpochResult(epoch, 0.1, loss, 1., 0L, Samples.alone)
        |]
    )

let private close (actual: float) expected =
    Expect.floatClose Accuracy.high actual expected

[<Tests>]
let tests =
    testList
        "report charts"
        [
            testCase "bins of several seeds are one, each seed by its images" (fun () ->
                let of' images confidence accuracy =
                    resultOf [| 10, 0.5 |] [| ReliabilityBin(images, confidence, accuracy) |] [| 1. |]

                // Both confidences are in (10/15, 11/15].
                match (drawn [ of' 10 0.67 0.5; of' 30 0.73 0.9 ]).Reliability with
                | [ confidence, accuracy, images ] ->
                    close confidence 0.715 "(10 * 0.67 + 30 * 0.73) / 40"
                    close accuracy 0.8 "(10 * 0.5 + 30 * 0.9) / 40"
                    Expect.equal images 40 "images"
                | other -> failtest $"%A{other}")
            testCase "results without bins have no calibration, and the rest all the same" (fun () ->
                let found = drawn [ resultOf [| 10, 0.5 |] null [| 2.; 1. |] ]
                Expect.isEmpty found.Reliability "calibration"
                Expect.hasLength found.Losses 2 "losses")
            testCase "a loss is the mean over seeds with its interval, under the name of its kind" (fun () ->
                let found =
                    drawn [ for loss in [ 1.; 3. ] -> resultOf [| 10, 0.5 |] null [| loss |] ]

                close found.Losses.Head.Mean 2. "mean"
                // t(0.975, 1) = 12.7062 and the standard error of {1, 3} is 1.
                Expect.floatClose Accuracy.medium found.Losses.Head.HalfWidth.Value 12.7062 "half width"
                Expect.equal found.Loss "CE" "kind")
            testCase "a loss turns where what it is computed of changes, and nowhere else" (fun () ->
                let plain =
                    { Samples.unsaid (Samples.one Samples.prompting) with
                        Experiment.Loss = crossEntropy
                        Experiment.Optimizer = sgd 0.01
                    }

                let turns (e: Experiment) =
                    Samples.settingsOf e
                    |> Turn.ofSettings
                    |> List.map (fun turn -> turn.Epoch, turn.Label)

                let under optimizer =
                    { plain with
                        Experiment.Optimizer = optimizer
                    }

                Expect.equal (turns plain) [] "nothing changes"

                Expect.equal
                    (turns
                        { plain with
                            Experiment.Loss = crossEntropy |> classBalanced 0.99
                        })
                    []
                    "weights from the start"

                Expect.equal
                    (turns
                        { under (sgd 0.01 |> gnm 0.005) with
                            Experiment.Loss = drw
                        })
                    [ 4, "re-weighting"; 4, "noise halves" ]
                    "re-weighting"

                Expect.equal
                    (turns
                        { plain with
                            Sampling = instanceSampling |> deferResampling 2<epoch> (classAwareSampling 4)
                            Schedule = cosine 6<epoch> |> warmUp 1<epoch>
                        })
                    [ 2, "classAwareSampling 4" ]
                    "another sampler, and a warm-up that ends without a jump"

                Expect.equal
                    (turns
                        { plain with
                            Model = plain.Model |> dropoutInEpochZero 0.1
                        })
                    [ 1, "dropout ends" ]
                    "dropout"

                Expect.equal
                    (turns (under (sgd 0.01 |> perturbed (Gnm(0.005, Every 2<epoch>, true)))))
                    [ 1, "noise halves"; 3, "noise halves"; 5, "noise halves" ]
                    "to the letter"

                Expect.equal
                    (turns (under (sgd 0.01 |> perturbed (Gnm(0.005, PublishedOff, true)))))
                    [ 1, "noise doubles" ]
                    "in every epoch: told once")
            testCase "the surface is that of the first seed that has one" (fun () ->
                let ofSeeds count =
                    drawn (List.replicate count (resultOf [| 10, 0.5 |] null [| 1. |]))

                Expect.isNone (ofSeeds 1).Surface "seed 0 has none"
                Expect.equal (fst (ofSeeds 3).Surface.Value) 1L "seed 1 has")
            testCase "classes stand by falling count, and many are joined with their neighbours" (fun () ->
                let point place images accuracy =
                    {
                        Classes = 1
                        Place = place
                        Most = images
                        Fewest = images
                        Accuracy = accuracy
                    }

                let few = drawn [ resultOf [| 5, 0.1; 50, 0.9 |] null [| 1. |] ]
                Expect.equal few.Classes [ point 1. 50 0.9; point 2. 5 0.1 ] "few"

                let many =
                    drawn [ resultOf [| for j in 1..300 -> j, float (j % 2) |] null [| 1. |] ]

                Expect.hasLength many.Classes 30 "points"

                Expect.equal
                    many.Classes.Head
                    {
                        Classes = 10
                        Place = 5.5
                        Most = 300
                        Fewest = 291
                        Accuracy = 0.5
                    }
                    "the mean of ten"

                let alike = drawn [ resultOf [| 7, 0.3; 50, 0.9; 7, 0.1; 7, 0.2 |] null [| 1. |] ]

                Expect.equal
                    alike.Classes
                    [ point 1. 50 0.9; point 2. 7 0.3; point 3. 7 0.1; point 4. 7 0.2 ]
                    "each has a place of its own, in the order of the data set")
        ]

/// What a sweep's results say, and what they do not.
module LongTail.Tests.ComparisonTests

open Expecto
open LongTail
open LongTail.Core.Training
open LongTail.Tests.Samples
open LongTail.Tests.TempFolder

let private drw = gcl 25. |> deferReweighting 4<epoch>

let private ablation count =
    pretraining
    |> vary perturbation [ none; gnm 0.005 ]
    |> vary loss [ crossEntropy; drw ]
    |> seeds [ 0 .. count - 1 ]

/// What is asked of a sweep whose results are given by experiment.
let private ask contrast (answer: Experiment -> RunResult option) sweep =
    inTempFolder (fun folder ->
        match Plan.make sources { Folder = folder } sweep with
        | Error problems -> failtest $"%A{problems}"
        | Ok plan ->
            let results =
                Map
                    [
                        for setting, hash in plan.Cells do
                            match answer setting.Experiment with
                            | Some result -> hash, result
                            | None -> ()
                    ]

            Comparison.paired plan results contrast)

/// A seed's luck that both sides of a pair share, and what loss and perturbation add.
let private answer gain (e: Experiment) =
    let luck = 0.1 * float e.Seed

    let drw =
        if e.Loss = crossEntropy then
            0.
        else
            0.2 + 0.001 * float e.Seed

    let gnm = if e.Optimizer.Perturbation.IsNone then 0. else gain e.Seed
    Some(result (0.3 + luck + drw + gnm) 1.)

let private close actual expected =
    Expect.floatClose Accuracy.high actual expected "number"

[<Tests>]
let tests =
    testList
        "comparison"
        [
            testCase "pairs by seed, so a seed's luck cancels" (fun () ->
                let differences =
                    ablation 3
                    |> ask (contrast loss drw crossEntropy tailAccuracy) (answer (fun _ -> 0.))

                Expect.equal
                    (differences |> List.map (fun d -> d.Value, d.Other, d.Under, d.Score))
                    [
                        "GCL+DRW", "CE", "sgd", "tail accuracy (under 20 images)"
                        "GCL+DRW", "CE", "gnm", "tail accuracy (under 20 images)"
                    ]
                    "names"

                for d in differences do
                    for actual, expected in List.zip d.Pairs [ 0.2; 0.201; 0.202 ] do
                        close actual expected

                    close d.Estimate.Mean 0.201
                    // t of 2 degrees of freedom (4.30265) times 0.001 / sqrt 3.
                    Expect.floatClose Accuracy.medium d.Estimate.HalfWidth.Value (4.30265 * 0.001 / sqrt 3.) "half"
                    Expect.equal (Comparison.verdict d) Above "verdict"

                Expect.equal
                    (Comparison.sentence differences)
                    "The numbers support: GCL+DRW above CE in tail accuracy (under 20 images) under sgd, gnm, in every seed."
                    "sentence")
            testCase "scores that say the same are said together" (fun () ->
                let differences =
                    [ accuracy; tailAccuracy ]
                    |> List.collect (fun score ->
                        ablation 2 |> ask (contrast loss drw crossEntropy score) (answer (fun _ -> 0.)))

                Expect.equal
                    (Comparison.sentence differences)
                    "The numbers support: GCL+DRW above CE in accuracy, tail accuracy (under 20 images) under sgd, gnm, in every seed."
                    "sentence")
            testCase "an interval that holds zero supports nothing, whatever the mean" (fun () ->
                let differences =
                    ablation 3
                    |> ask
                        (contrast perturbation (gnm 0.005) none accuracy)
                        (answer (fun seed -> if seed = 0L then 0.03 else 0.001))

                Expect.all differences (fun d -> d.Estimate.Mean > 0.) "above in every seed"

                Expect.equal
                    (Comparison.sentence differences)
                    "They support no difference of gnm from sgd in accuracy under CE, GCL+DRW."
                    "sentence")
            testCase "what is below is called below" (fun () ->
                let differences =
                    ablation 2
                    |> ask (contrast loss crossEntropy drw accuracy) (answer (fun _ -> 0.))

                Expect.equal
                    (Comparison.sentence differences)
                    "The numbers support: CE below GCL+DRW in accuracy under sgd, gnm, in every seed."
                    "sentence")
            testCase "one seed supports nothing" (fun () ->
                let differences =
                    ablation 1
                    |> ask (contrast loss drw crossEntropy accuracy) (answer (fun _ -> 0.))

                Expect.all differences (fun d -> Comparison.verdict d = Unsaid) "verdict"

                Expect.equal
                    (Comparison.sentence differences)
                    "Two seeds or more would be needed to say anything of GCL+DRW over CE in accuracy under sgd, gnm."
                    "sentence")
            testCase "runs that do not differ are said to be equal, by seed or alone" (fun () ->
                for count in [ 1; 3 ] do
                    let differences =
                        ablation count
                        |> ask (contrast perturbation (gnm 0.005) none accuracy) (answer (fun _ -> 0.))

                    Expect.all differences (fun d -> Comparison.verdict d = Equal) "verdict"

                    Expect.equal
                        (Comparison.sentence differences)
                        "No pair of runs differs: gnm and sgd in accuracy under CE, GCL+DRW."
                        "sentence")
            testCase "a run without its partner is left out, and none is said to be none" (fun () ->
                let drwAlone e =
                    if e.Loss = crossEntropy then
                        None
                    else
                        answer (fun _ -> 0.) e

                let differences =
                    ablation 3 |> ask (contrast loss drw crossEntropy accuracy) drwAlone

                Expect.isEmpty differences "pairs"
                Expect.equal (Comparison.sentence []) "There are no two runs to compare." "sentence")
            testPropertyWithConfig
                { FsCheckConfig.defaultConfig with
                    maxTest = 10
                }
                "the other way round the differences change their sign"
                (fun (gains: int8 list) ->
                    let gain seed =
                        match gains with
                        | [] -> 0.
                        | gains -> float gains[int seed % gains.Length] / 1000.

                    let between one other =
                        ablation 3 |> ask (contrast perturbation one other accuracy) (answer gain)

                    List.map _.Pairs (between (gnm 0.005) none) =
                        (between none (gnm 0.005) |> List.map (_.Pairs >> List.map (~-))))
        ]

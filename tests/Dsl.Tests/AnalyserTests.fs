/// What is said of results that nobody should believe as they are.
module LongTail.Tests.AnalyserTests

open System
open Expecto
open LongTail
open LongTail.Core.Evaluation
open LongTail.Core.Training
open LongTail.Tests.Samples

let private lines (answer: PlannedRun -> RunResult) sweep =
    inStore (fun store ->
        let plan = planned store sweep
        Analysers.lines plan (Map [ for run in plan.Runs -> run.Hash, answer run ]))

let private sound = result 0.75 1.

/// With these losses of the epochs, and so many steps skipped in the last one.
let private learning losses skipped =
    let last = List.length losses - 1

    RunResult(
        sound.Accuracy,
        sound.ClassAccuracy,
        sound.ClassCounts,
        sound.ClassNames,
        sound.ClassLabels,
        sound.Harmonic,
        sound.Worst,
        sound.Calibration,
        last,
        1.,
        0L,
        0.,
        [||],
        [|
            for epoch, loss in List.indexed losses ->
                EpochResult(epoch, 0.1, loss, 1., (if epoch = last then skipped else 0L))
        |]
    )

let private onTail (head: float) (tail: float) =
    RunResult(
        sound.Accuracy,
        Array.append (Array.create 5 (Nullable head)) (Array.create 5 (Nullable tail)),
        Array.append (Array.create 5 200) (Array.create 5 1),
        Array.create 10 "",
        [| 0..9 |],
        0.,
        0.,
        sound.Calibration,
        1,
        1.,
        0L,
        0.,
        [||],
        [||]
    )

let private drw = gcl 25. |> deferReweighting 4<epoch>

let private rivals = pretraining |> vary perturbation [ none; gnm 0.005 ]

/// The accuracy of gnm is this much above 0.75, seed by seed.
let private gains (gains: float list) =
    rivals
    |> seeds [ 0 .. gains.Length - 1 ]
    |> lines (fun run ->
        let gain =
            if isNull run.Settings.Optimizer.Perturbation then
                0.
            else
                gains[int run.Settings.Seed]

        result (0.75 + gain) 1.)

[<Tests>]
let tests =
    testList
        "analysers"
        [
            testCase "a sound result has no line" (fun () ->
                Expect.isEmpty (pretraining |> lines (fun _ -> sound)) "one row"
                Expect.isEmpty (gains [ 0.1; 0.11; 0.1 ]) "a clear winner")
            testCase "one seed makes no winner" (fun () ->
                Expect.equal
                    (gains [ 0.013 ])
                    [
                        "one seed cannot tell a gain from chance: gnm leads sgd by 1.3 points: give two seeds or more, as `|> seeds [ 0 .. 4 ]`"
                    ]
                    "line")
            // Mean 0.01; t(0.975, 1) = 12.706 and standard error 0.005.
            testCase "nor does a lead that seeds differ by" (fun () ->
                Expect.equal
                    (gains [ 0.005; 0.015 ])
                    [
                        "seeds differ by more than the gain: gnm leads sgd by 1.0 ± 6.4 points: claim none, or give more seeds"
                    ]
                    "line")
            testCase "times that differ between seeds are no cost" (fun () ->
                let timed slow =
                    pretraining
                    |> seeds [ 0; 1 ]
                    |> lines (fun e -> result 0.5 (if e.Settings.Seed = 0L then 1. else slow))
                    |> List.filter (fun line -> line.StartsWith "times")

                Expect.isEmpty (timed 1.4) "a machine wavers"
                Expect.hasLength (timed 2.) 1 "something else ran"
                Expect.stringContains (timed 2.).Head "pretraining (1.00 to 2.00 s an epoch)" "which")
            testCase "settings of other images are no rivals" (fun () ->
                let lines = pretraining |> vary imbalance [ 10.; 100. ] |> lines (fun _ -> sound)

                Expect.isEmpty lines "lines")
            testTheory
                "a tail below a tenth of the head, or at chance, has collapsed"
                [ 0.9, 0.089, true; 0.9, 0.101, false; 0.5, 0.1, true; 0.2, 0.15, false ]
                (fun (head, tail, collapsed) ->
                    let expected =
                        [
                            if collapsed then
                                $"the tail has collapsed: pretraining (tail under 20 images {100. * tail:F1} %%, head {100. * head:F1} %%): re-weight, adjust logits or sample by class, or train longer"
                        ]

                    Expect.equal (pretraining |> lines (fun _ -> onTail head tail)) expected "lines")
            testTheory
                "a loss that falls by a twentieth in the last tenth of its epochs had not ended"
                [ 0.96, None; 0.9, Some "10.0"; 1.2, None ]
                (fun (last, share) ->
                    let losses = [ 3.; 2.; 1.5; 1.2; 1.0; last ]

                    let lines =
                        pretraining
                        |> overriding loss crossEntropy
                        |> lines (fun _ -> learning losses 0L)

                    let expected =
                        share
                        |> Option.map (fun share ->
                            $"the training loss still fell at the end: pretraining ({share} %%): train longer, or raise the learning rate")

                    Expect.equal lines (Option.toList expected) "lines")
            testCase "the loss that weights change is judged from their second epoch on" (fun () ->
                let judged epochs losses =
                    pretraining
                    |> overriding loss drw
                    |> overriding Axes.epochs epochs
                    |> lines (fun _ -> learning losses 0L)

                Expect.isEmpty (judged 6<epoch> [ 2.; 2.; 2.; 2.; 5.; 4. ]) "no second epoch to compare with"
                Expect.hasLength (judged 7<epoch> [ 2.; 2.; 2.; 2.; 5.; 4.; 3. ]) 1 "one"
                Expect.isEmpty (judged 7<epoch> [ 9.; 8.; 7.; 6.; 5.; 4.; 4. ]) "what was before is passed over")
            testCase "the best epoch on the edge, where it is chosen" (fun () ->
                let judged evaluation epoch =
                    pretraining
                    |> overriding loss crossEntropy
                    |> Sweep.map (fun e -> { e with Evaluation = evaluation })
                    |> lines (fun _ ->
                        let found = learning [ 1.; 1.; 1.; 1.; 1.; 1. ] 0L

                        RunResult(
                            found.Accuracy,
                            found.ClassAccuracy,
                            found.ClassCounts,
                            found.ClassNames,
                            found.ClassLabels,
                            0.,
                            0.,
                            found.Calibration,
                            epoch,
                            1.,
                            0L,
                            0.,
                            [||],
                            found.Epochs
                        ))

                Expect.equal
                    (judged bestOnTest 0)
                    [ "the first epoch was the best: pretraining (of 6): lower the learning rate" ]
                    "first"

                Expect.equal
                    (judged bestOnTest 5)
                    [ "the last epoch was the best: pretraining (of 6): train longer" ]
                    "last"

                Expect.isEmpty (judged bestOnTest 3) "between"
                Expect.isEmpty (judged afterLastEpoch 5) "the last epoch is no choice")
            testCase "steps that moved nothing are counted, and of many runs five are named" (fun () ->
                let lines =
                    pretraining
                    |> overriding loss crossEntropy
                    |> seeds [ 0..6 ]
                    |> lines (fun run -> learning [ 1.; 1. ] (1L + run.Settings.Seed % 2L))

                Expect.equal
                    lines
                    [
                        "steps moved nothing, as their gradient was not finite: pretraining, seed 0 (1 step); pretraining, seed 1 (2 steps); pretraining, seed 2 (1 step); pretraining, seed 3 (2 steps); pretraining, seed 4 (1 step); and 2 more: lower the learning rate"
                    ]
                    "line")
        ]

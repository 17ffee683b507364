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
                EpochResult(epoch, 0.1, loss, 1., (if epoch = last then skipped else 0L), alone)
        |]
    )

/// Of so many classes in the test set, each with its accuracy and its number of training images.
let private ofClasses accuracy (classes: (float * int) list) =
    RunResult(
        accuracy,
        [| for share, _ in classes -> Nullable share |],
        [| for _, count in classes -> count |],
        [| for _ in classes -> "" |],
        [| 0 .. classes.Length - 1 |],
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

let private onTail head tail =
    ofClasses 0.75 (List.replicate 5 (head, 200) @ List.replicate 5 (tail, 1))

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
            // The half width of 0.0002 and 0.0006 is 12.706 times 0.0002.
            testTheory
                "a lead is a sentence, however small it is"
                [
                    [ 0. ],
                    "the best settings are equal: sgd and gnm (75.0 % in the one seed): see whether what tells them apart has an effect"
                    [ 0.; 0. ],
                    "the best settings are equal: sgd and gnm (75.0 % in each of 2 seeds): see whether what tells them apart has an effect"
                    [ 0.0003 ],
                    "one seed cannot tell a gain from chance: gnm leads sgd by less than 0.1 points: give two seeds or more, as `|> seeds [ 0 .. 4 ]`"
                    [ 0.0002; 0.0006 ],
                    "seeds differ by more than the gain: gnm leads sgd by less than 0.1 ± 0.3 points: claim none, or give more seeds"
                    [ 0.01; -0.01 ],
                    "seeds differ by more than the gain: sgd and gnm have the same mean ± 12.7 points: claim none, or give more seeds"
                    // Their mean is none in its last bits alone.
                    [ 0.1; -0.05; -0.05 ],
                    "seeds differ by more than the gain: sgd and gnm have the same mean ± 21.5 points: claim none, or give more seeds"
                ]
                (fun (found, line) -> Expect.equal (gains found) [ line ] "line")
            testCase "two names of one computation are told, and so are two settings of one name" (fun () ->
                let halved = Gnm(0.005, Never, false)

                let alike =
                    pretraining
                    |> overriding loss crossEntropy
                    |> vary
                        perturbation
                        [
                            gnm 0.005
                            fun optimizer ->
                                { optimizer with
                                    Perturbation = Some halved
                                }
                        ]
                    |> lines (fun _ -> sound)

                Expect.equal
                    alike
                    [
                        "the best settings are the same runs: gnm 0.005 and gnm 0.005, never halved: what they are called differs, nothing else: leave one out"
                    ]
                    "one run"

                let nameless =
                    axis
                        "rate"
                        (fun rate e ->
                            { e with
                                Experiment.Optimizer.LearningRate = rate
                            })
                        (fun _ -> "0.0025")

                let lead =
                    pretraining
                    |> vary nameless [ 0.0025; 0.00251 ]
                    |> lines (fun run ->
                        result
                            (if run.Settings.Optimizer.Base.LearningRate = 0.0025 then
                                 0.8
                             else
                                 0.75)
                            1.)

                Expect.equal
                    lead
                    [
                        "one seed cannot tell a gain from chance: one of two settings called 0.0025 leads the other by 5.0 points: give two seeds or more, as `|> seeds [ 0 .. 4 ]`"
                    ]
                    "two of one name")
            testCase "a mean of other seeds is no lead" (fun () ->
                inStore (fun store ->
                    let plan = planned store (rivals |> seeds [ 0; 1 ])

                    // Of sgd the lucky seed alone.
                    let results =
                        Map
                            [
                                for run in plan.Runs do
                                    let plain = isNull run.Settings.Optimizer.Perturbation
                                    let luck = 0.1 * float run.Settings.Seed

                                    if not plain || run.Settings.Seed = 1L then
                                        run.Hash, result (0.6 + luck + (if plain then 0. else 0.01)) 1.
                            ]

                    Expect.equal
                        (Analysers.lines plan results)
                        [
                            "the best settings have not the same seeds: sgd leads gnm by 4.0 points: run what is missing before comparing them"
                        ]
                        "line"))
            testTheory
                "a training loss that rose is told, where it is one loss"
                [
                    crossEntropy, [ 1.; 1.2; 1.4; 1.6; 1.8; 2. ], Some "from 1 to 2"
                    drw, [ 1.; 1.5; 1.6; 1.7; 9.; 8. ], Some "from 1 to 1.7"
                    drw, [ 1.; 0.9; 0.8; 0.7; 3.; 2.5 ], None
                    crossEntropy, [ 1.; 3.; 1.5; 1.; 0.9; 0.9 ], None
                ]
                (fun (kind, losses, said) ->
                    let expected =
                        said
                        |> Option.map (sprintf "the training loss rose: pretraining (%s): lower the learning rate")

                    Expect.equal
                        (pretraining |> overriding loss kind |> lines (fun _ -> learning losses 0L))
                        (Option.toList expected)
                        "lines")
            testCase "under a progressive sampler a loss may rise" (fun () ->
                let lines =
                    pretraining
                    |> overriding sampling progressiveSampling
                    |> overriding loss crossEntropy
                    |> lines (fun _ -> learning [ 1.; 1.2; 1.4; 1.6; 1.8; 2. ] 0L)

                Expect.isEmpty lines "lines")
            testTheory
                "a loss that goes up and down and nowhere is no training"
                [
                    crossEntropy, [ 1.567; 1.569; 1.594; 1.581; 1.57; 1.575 ], Some "loss 1.567 to 1.594 over 6 epochs"
                    crossEntropy, [ 1.5; 1.5 ], Some "loss 1.5 to 1.5 over 2 epochs"
                    drw, [ 1.51; 1.5; 1.52; 1.51; 4.; 4.01 ], Some "loss 1.5 to 4.01 over 6 epochs"
                    crossEntropy, [ 1.; 0.99; 0.98; 0.97; 0.96; 0.955 ], None
                    drw, [ 1.51; 1.5; 1.52; 1.51; 4.; 3. ], None
                ]
                (fun (kind, losses, said) ->
                    let expected =
                        said
                        |> Option.map (
                            sprintf
                                "training moved nothing: pretraining (%s): raise the learning rate, or see what of the model is trained"
                        )

                    let found sweep =
                        sweep |> overriding loss kind |> lines (fun _ -> learning losses 0L)

                    Expect.equal (found pretraining) (Option.toList expected) "lines"

                    Expect.isEmpty (found (pretraining |> overriding learningRate 0.)) "a rate of 0 is what it says")
            testCase "what has every class as the frozen model has it moved nothing" (fun () ->
                let judged accuracy =
                    prompting
                    |> lines (fun run -> result (if run.Settings.Schedule.Epochs = 0 then 0.5 else accuracy) 1.)

                Expect.equal
                    (judged 0.5)
                    [
                        "training moved nothing: prompting (every class as under the frozen model): raise the learning rate, or see what of the model is trained"
                    ]
                    "line"

                Expect.isEmpty (judged 0.51) "what moved"

                let sure =
                    prompting
                    |> lines (fun run ->
                        if run.Settings.Schedule.Epochs = 0 then
                            result 1. 1.
                        else
                            result 1. 1. |> withError 0.13)

                Expect.isEmpty sure "what became surer of what was right before")
            // Ten classes of 1,000 test images each: chance is 0.1 ± 0.003.
            testTheory
                "what is no better than chance, or right of few classes or of no image of a group, is told"
                [
                    0.1,
                    (1., 200) :: List.replicate 9 (0., 1),
                    [
                        "no better than chance: pretraining (10.0 %, 1 of 10 classes ever right): lower the learning rate where the loss rises, raise it where the loss stays"
                    ]
                    0.105,
                    List.replicate 5 (0.11, 200) @ List.replicate 5 (0.1, 1),
                    [
                        "no better than chance: pretraining (10.5 %, 10 of 10 classes ever right): lower the learning rate where the loss rises, raise it where the loss stays"
                    ]
                    0.11, List.replicate 5 (0.11, 200) @ List.replicate 5 (0.11, 1), []
                    0.3,
                    List.replicate 5 (0., 200) @ List.replicate 5 (0.6, 1),
                    [
                        "few classes are ever right: pretraining (5 of 10): the others are never predicted, or never where they should be: look at the report's classes"
                        "no image of a group is right: pretraining (head): lower the learning rate, or weigh the group's classes more"
                    ]
                    0.5,
                    [ 0.9, 200; 0.9, 200; 0., 50; 0.5, 1; 0.5, 1 ],
                    [
                        "no image of a group is right: pretraining (medium): lower the learning rate, or weigh the group's classes more"
                    ]
                    0.5,
                    [ 0.9, 50; 0.9, 50; 0.5, 50; 0., 1; 0., 1 ],
                    [
                        "no image of a group is right: pretraining (tail): lower the learning rate, or weigh the group's classes more"
                    ]
                ]
                (fun (accuracy, classes, expected) ->
                    Expect.equal (pretraining |> lines (fun _ -> ofClasses accuracy classes)) expected "lines")
            testPropertyWithConfig
                { FsCheckConfig.defaultConfig with
                    maxTest = 300
                }
                "a curve that falls by a tenth or more, with noise of a hundredth, is sound"
                (fun (start: byte) (left: byte) (length: byte) (bend: byte) (noise: int8 array) ->
                    let epochs = 4 + int length % 40
                    // From 0.05 to 5, down to a tenth or up to nine tenths of it, sooner or later.
                    let start, left = 0.05 + 4.95 * float start / 255., 0.1 + 0.8 * float left / 255.
                    let bend = 1. + 9. * float bend / 255.

                    let losses =
                        [
                            for epoch in 0 .. epochs - 1 do
                                let time = float epoch / float (epochs - 1)
                                let shape = (exp (-bend * time) - exp -bend) / (1. - exp -bend)

                                let noise =
                                    if noise.Length = 0 then
                                        0.
                                    else
                                        float noise[epoch % noise.Length] / 128.

                                start * (left + (1. - left) * shape) * (1. + 0.01 * noise)
                        ]

                    let found =
                        pretraining
                        |> overriding loss crossEntropy
                        |> overriding Axes.epochs (epochs * 1<epoch>)
                        |> lines (fun _ -> learning losses 0L)
                        |> List.filter (fun line -> not (line.StartsWith "the training loss still fell"))

                    Expect.isEmpty found $"%A{losses}")
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
                Expect.isEmpty (judged 7<epoch> [ 2.; 2.; 2.; 2.; 5.; 4.; 3. ]) "two losses are no trend"
                Expect.hasLength (judged 8<epoch> [ 2.; 2.; 2.; 2.; 5.; 4.; 3.; 2.5 ]) 1 "three are"
                Expect.isEmpty (judged 7<epoch> [ 9.; 8.; 7.; 6.; 5.; 4.; 4. ]) "what was before is passed over")
            testCase "the best epoch on the edge, where it is chosen" (fun () ->
                let judged evaluation epoch =
                    pretraining
                    |> overriding loss crossEntropy
                    |> Sweep.map (fun e -> { e with Evaluation = evaluation })
                    |> lines (fun _ ->
                        let found = learning [ 1.; 0.8; 0.6; 0.5; 0.45; 0.44 ] 0L

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
                    |> lines (fun run -> learning [ 1.; 0.5 ] (1L + run.Settings.Seed % 2L))

                Expect.equal
                    lines
                    [
                        "steps moved nothing, as their gradient was not finite: pretraining, seed 0 (1 step); pretraining, seed 1 (2 steps); pretraining, seed 2 (1 step); pretraining, seed 3 (2 steps); pretraining, seed 4 (1 step); and 2 more: lower the learning rate"
                    ]
                    "line")
        ]

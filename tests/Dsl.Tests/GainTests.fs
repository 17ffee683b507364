/// The model without training that tables carry, and what training gained over it.
module LongTail.Tests.GainTests

open System.Threading
open Expecto
open LongTail
open LongTail.Commands
open LongTail.Tests.Samples
open LongTail.Tests.StoreSamples

let private sweep =
    prompting
    |> vary learningRate [ 0.01; 0.02 ]
    |> vary perturbation [ none; gnm 0.005 ]
    |> seeds [ 0; 1 ]

/// The frozen model has 50 %, the rows 52, 40, 51 and 50 %, and of two seeds one has a tenth of a point more.
let private answer (plan: Plan) =
    let means =
        dict
            [
                (0.01, true), 0.52
                (0.01, false), 0.4
                (0.02, true), 0.51
                (0.02, false), 0.5
            ]

    Map
        [
            for run in plan.Runs do
                run.Hash, result 0.5 0.
            for setting, hash in plan.Cells do
                let e = setting.Experiment
                let mean = means[e.Optimizer.LearningRate, e.Optimizer.Perturbation.IsNone]
                hash, result (mean - 0.0005 + 0.001 * float e.Seed) 1.
        ]

[<Tests>]
let tests =
    testList
        "gain"
        [
            testCase
                "settings of a backbone, input and data set share one frozen model, which is planned first"
                (fun () ->
                    inStore (fun store ->
                        let plan = planned store sweep
                        Expect.hasLength plan.Runs 9 "eight runs and one frozen model"
                        Expect.stringStarts plan.Runs.Head.Label "frozen model: some, " "it is the first"
                        Expect.equal (PlannedRun.steps plan.Runs.Head) 0 "and trains nothing"
                        Expect.hasLength (Plan.asked plan) 8 "what the sweep says"
                        Expect.equal (Seq.distinct plan.Frozen.Values |> List.ofSeq) [ plan.Runs.Head.Hash ] "of all"

                        let augmented =
                            prompting
                            |> Sweep.map (fun e ->
                                { e with
                                    Input = { e.Input with Train = [] }
                                    Seed = 7L
                                })

                        Expect.equal
                            (planned store augmented).Runs.Head.Hash
                            plan.Runs.Head.Hash
                            "what only training reads makes no other"

                        let counts = [ 10.; 100. ]

                        Expect.hasLength
                            (planned store (sweep |> vary imbalance counts)).Runs
                            18
                            "a data set each has its own"

                        let drawn = planned store pretraining
                        Expect.hasLength drawn.Runs 1 "what is drawn has none"
                        Expect.stringStarts (Gain.lines drawn Map.empty).Head "No frozen model" "and says so"

                        let only =
                            match Selection.only plan.Runs[3].Hash plan with
                            | Ok plan -> plan.Runs
                            | Error faults -> failtest $"{faults}"

                        Expect.equal only [ plan.Runs[0]; plan.Runs[3] ] "and it comes with any of its runs"))
            testCase "it is run once, and another sweep finds it in the store" (fun () ->
                inStore (fun store ->
                    let trained = ResizeArray()

                    let trainer: Trainer =
                        fun settings _ _ _ ->
                            trained.Add settings.Schedule.Epochs
                            result 0.5 (float settings.Schedule.Epochs)

                    let run sweep =
                        Runner.execute
                            trainer
                            store
                            Place.here
                            { Workers = 1; Failures = KeepGoing }
                            ignore
                            CancellationToken.None
                            (planned store sweep)
                        |> ignore

                    run (prompting |> vary learningRate [ 0.01; 0.02 ])
                    run (prompting |> vary learningRate [ 0.03 ])
                    Expect.equal (List.ofSeq trained) [ 0; 6; 6; 6 ] "epochs of what ran"))
            testCase
                "it is a table's first row, and the line below says what training gained and where it lost"
                (fun () ->
                    inStore (fun store ->
                        let plan = planned store sweep
                        let results = answer plan
                        let rows = Report.rows plan results |> Gain.above plan results
                        Expect.equal (List.map snd rows.Head.Labels) [ "frozen model"; "-" ] "its words"
                        Expect.equal rows.Head.Accuracy { Mean = 0.5; HalfWidth = None } "its number"
                        Expect.hasLength rows 5 "rows"

                        Expect.equal
                            (Gain.lines plan results)
                            [
                                "frozen model (nearest class mean, nothing trained): 50.0 %. Training over it: the best is 0.01, sgd (+2.0 ± 0.6 points), the worst 0.01, gnm (-10.0 ± 0.6 points). Training lost to it: 0.01, gnm (-10.0 ± 0.6 points). No difference from it beyond the seeds' noise: 0.02, gnm (0.0 ± 0.6 points)."
                            ]
                            "in a line"

                        let unmoved = Map [ for run in plan.Runs -> run.Hash, result 0.5 1. ]

                        Expect.equal
                            (Gain.lines plan unmoved)
                            [
                                "frozen model (nearest class mean, nothing trained): 50.0 %. Training left its accuracy as it was."
                            ]
                            "of what moved nothing"

                        let alone = planned store prompting
                        let results = answer alone

                        let lost =
                            Map
                                [
                                    for run in alone.Runs ->
                                        run.Hash, result (if run.Settings.Schedule.Epochs = 0 then 0.5 else 0.4) 1.
                                ]

                        Expect.equal
                            (Gain.lines alone lost)
                            [
                                "frozen model (nearest class mean, nothing trained): 50.0 %. Training changed accuracy over it by -10.0 points. Training lost to it: trained (-10.0 points)."
                            ]
                            "in the word of the table"

                        let rows = Report.rows alone results |> Gain.above alone results

                        Expect.equal
                            (rows |> List.collect _.Labels |> List.map snd)
                            [ "frozen model"; "trained" ]
                            "one run"

                        let several = planned store (sweep |> vary imbalance [ 10.; 100. ])
                        let results = answer several
                        let rows = Report.rows several results |> Gain.above several results

                        Expect.equal
                            (rows |> List.truncate 2 |> List.map (fun row -> List.map snd row.Labels))
                            [ [ "frozen model"; "-"; "10" ]; [ "frozen model"; "-"; "100" ] ]
                            "of each data set"))
            testCase "a range names it" (fun () ->
                inStore (fun store ->
                    let check ranges =
                        let plan =
                            planned store (sweep |> vary imbalance [ 10.; 100. ] |> expect accuracy ranges)

                        [
                            for one in Check.ofPlan plan (answer plan) -> one.Expectation.Row, Check.fit one
                        ]

                    Expect.equal
                        (check [ "frozen model, 10", 49., 51. ])
                        [ "frozen model, 10", Within ]
                        "by what tells it from the other"

                    Expect.equal
                        (check [ "frozen model", 51., 52. ])
                        [ "frozen model", Outside -1.; "frozen model", Outside -1. ]
                        "or each"

                    Expect.isNonEmpty
                        (Sweep.faults (sweep |> expect accuracy [ "frozen model, 7", 0., 1. ]))
                        "or none"))
            testCase "an export has it as its first row" (fun () ->
                inStoreOf [ 0.5; 0.6; 0.7 ] (prompting |> vary learningRate [ 0.01; 0.02 ]) (fun store plan ->
                    match Plan.make sources store (prompting |> vary learningRate [ 0.01; 0.02 ]) with
                    | Error problems -> failtest $"%A{problems}"
                    | Ok plan ->
                        let rows =
                            ExportRow.withFrozen
                                {
                                    Store = store
                                    Entries = []
                                    Trainings = []
                                    Plan = Some plan
                                }

                        Expect.equal
                            (rows |> List.map (fun row -> List.map snd row.Words, row.Result.Accuracy))
                            [ [ "frozen model" ], 0.5; [ "0.01" ], 0.6; [ "0.02" ], 0.7 ]
                            "rows"))
        ]

/// The numbers of a table.
module LongTail.Tests.ReportTests

open System.Threading
open Expecto
open FsCheck
open FsCheck.FSharp
open LongTail
open LongTail.Core.Evaluation
open LongTail.Core.Training
open LongTail.Tests.Samples
open LongTail.Tests.TempFolder

let private noResults = Map.empty<string, RunResult>

/// The rows of a sweep whose results are given by setting and seed.
let private rows (answer: Experiment -> RunResult) sweep =
    inTempFolder (fun folder ->
        match Plan.make sources { Folder = folder } sweep with
        | Error problems -> failtest $"%A{problems}"
        | Ok plan ->
            let results =
                Map [ for setting, hash in plan.Cells -> hash, answer setting.Experiment ]

            Report.rows plan results, Report.rows plan noResults)

let private seconds (e: Experiment) =
    match e.Optimizer.Perturbation with
    | None -> 2.
    | Some(Sam _) -> 3.7
    | Some _ -> 2.05

[<Tests>]
let tests =
    testList
        "report"
        [
            testCase "seeds are one row, and cost is told by the same setting without perturbation" (fun () ->
                let rows, empty =
                    pretraining
                    |> vary perturbation [ none; sam 0.05; gnm 0.005 ]
                    |> vary loss [ crossEntropy; gcl 25. |> deferReweighting 4<epoch> ]
                    |> seeds [ 0..2 ]
                    |> rows (fun e -> result (0.5 + 0.01 * float e.Seed) (seconds e))

                Expect.isEmpty empty "settings without a result have no row"
                Expect.hasLength rows 6 "rows"
                Expect.all rows (fun row -> row.Seeds = Some 3) "seeds"

                for row in rows do
                    Expect.floatClose Accuracy.high row.Accuracy.Mean 0.51 "mean"

                let ratios = rows |> List.map (fun row -> row.CostRatio |> Option.get)

                for ratio, expected in List.zip ratios [ 1.; 1.; 1.85; 1.85; 1.025; 1.025 ] do
                    Expect.floatClose Accuracy.high ratio expected "ratio")
            testCase
                "cost is told only between rows that were timed alike, and the table says what its times are"
                (fun () ->
                    let beside = MachineShare("cpu", alone.Threads, 1)

                    let results share (e: Experiment) =
                        result 0.5 (seconds e) |> timedWith (share e)

                    let ratios share =
                        pretraining
                        |> vary perturbation [ none; sam 0.05 ]
                        |> seeds [ 0; 1 ]
                        |> rows (results share)
                        |> fst
                        |> List.map _.CostRatio

                    let sam (e: Experiment) = seconds e > 3.

                    Expect.equal (ratios (fun _ -> beside)) [ Some 1.; Some 1.85 ] "all beside another"
                    Expect.equal (ratios (fun e -> if sam e then alone else beside)) [ Some 1.; None ] "one row alone"

                    Expect.equal
                        (ratios (fun e -> if sam e && e.Seed = 1L then alone else beside))
                        [ Some 1.; None ]
                        "one seed alone"

                    let told shares =
                        shares
                        |> List.map (fun share -> result 0.5 1. |> timedWith share)
                        |> Timing.lines

                    let what =
                        "s/epoch: training steps of the fastest epoch; cost: s/epoch over that of the same setting without perturbation."

                    Expect.equal (told []) [] "no times"
                    Expect.equal (told [ alone; alone ]) [ what ] "alone"

                    Expect.equal
                        (told [ beside; beside ])
                        [
                            what
                            "Timed beside 1 other run of this process (--workers): a run by itself takes less time an epoch."
                        ]
                        "beside another"

                    Expect.equal
                        (told
                            [
                                MachineShare("cpu", 1, 2)
                                MachineShare("cpu", 1, 2)
                                MachineShare("cuda:0", 8, 0)
                            ])
                        [
                            what
                            "Not timed alike: 2 runs on 1 thread beside 2 other runs, 1 run on cuda:0 alone. Cost is told only between rows that were."
                        ]
                        "not alike")
            testCase "a run that is meant twice counts once" (fun () ->
                let rows, _ =
                    pretraining
                    |> vary imbalance [ 2.; 2. ]
                    |> seeds [ 0; 1; 1 ]
                    |> rows (fun _ -> result 0.5 1.)

                Expect.equal (rows |> List.map _.Seeds) [ Some 2 ] "seeds")
            testCase "halves are rounded away from zero, whatever the last bits of a mean" (fun () ->
                // 100 * 0.0725 is 7.249999999999999, the nearest to 0.0725 times 100 less than the half.
                let of1 mean =
                    { Mean = mean; HalfWidth = Some 0.0725 }

                for share in [ 0.1725; 0.17249999999999996; 0.17250000000000004 ] do
                    Expect.equal (Report.percent (of1 share)) "17.3 ± 7.3" "percent"
                    Expect.equal (Report.change (of1 share)) "+17.3 ± 7.3" "points"
                    Expect.equal (Report.change (of1 -share)) "-17.3 ± 7.3" "points below"

                Expect.equal (Report.change (of1 -0.0004)) "0.0 ± 7.3" "no sign of what is rounded away")
            testProperty "a mean and its interval have the same last bit in every order"
            <| Prop.forAll
                (Arb.fromGen (
                    gen {
                        let! steps = Gen.choose (0, 2000) |> Gen.nonEmptyListOf
                        let values = steps |> List.map (fun step -> float step / 2000.)
                        let! shuffled = Gen.shuffle values
                        return values, List.ofArray shuffled
                    }
                ))
                (fun (values, shuffled) -> TInterval.over values = TInterval.over shuffled)
            testCase "a perturbed row without its plain one has no ratio" (fun () ->
                let rows, _ = pretraining |> rows (fun _ -> result 0.5 1.)
                Expect.isNone (List.exactlyOne rows).CostRatio "ratio")
            testCase "the caption names split, selection and seeds" (fun () ->
                let rows, _ = pretraining |> seeds [ 0; 1 ] |> rows (fun _ -> result 0.5 1.)

                let caption = rows |> List.map Report.protocol |> Report.caption []

                for words in
                    [
                        "after the last epoch"
                        "nothing selected"
                        "seeds: 2"
                        "over 100, 20 to 100, under 20"
                    ] do
                    Expect.stringContains caption words "caption")
            testCase "rows that were judged otherwise say so, and the others are not called selected" (fun () ->
                let rows, _ =
                    pretraining
                    |> Sweep.union (
                        pretraining
                        |> Sweep.map (fun e ->
                            { e with
                                Name = "published"
                                Evaluation = bestOnTest
                            })
                    )
                    |> rows (fun _ -> result 0.5 1.)

                Expect.equal
                    (rows |> List.map (fun row -> row.Labels, Report.protocol row) |> Report.words)
                    [
                        [ "experiment", "published"; "judged", "best epoch on test" ]
                        [ "experiment", "pretraining"; "judged", "last epoch" ]
                    ]
                    "a column of it"

                Expect.stringContains
                    (rows |> List.map Report.protocol |> Report.caption [])
                    "after the last epoch, nothing selected, or of the epoch that is best on it, where the row says so"
                    "caption")
            testCase "the caption owns up to every quirk of the evaluation" (fun () ->
                let rows, _ =
                    pretraining
                    |> Sweep.map (fun e ->
                        { e with
                            Evaluation = bestOnTest |> batchMeanAccuracy |> unscaledConfidence
                        })
                    |> rows (fun _ -> result 0.5 1.)

                let caption = rows |> List.map Report.protocol |> Report.caption []

                Expect.isFalse (caption.Contains "nothing selected") "selected"

                for words in [ "epoch that is best on it"; "mean over batches"; "without their scale" ] do
                    Expect.stringContains caption words "caption")
        ]

/// Asking for a part of a sweep.
module LongTail.Tests.SelectionTests

open Expecto
open LongTail
open LongTail.Tests.Samples

let private sweep =
    pretraining
    |> vary imbalance [ 2.; 4. ]
    |> vary perturbation [ none; sam 0.05 ]
    |> seeds [ 0; 1 ]

/// Imbalance, whether perturbed, and seed of the experiments left.
let private left texts =
    match Selection.where texts sweep with
    | Ok(sweep, _) ->
        [
            for { Experiment = e } in Sweep.settings sweep ->
                e.Dataset.ImbalanceFactor, e.Optimizer.Perturbation.IsSome, e.Seed
        ]
    | Error faults -> failtest $"%A{faults}"

let private faults texts =
    match Selection.where texts sweep with
    | Ok _ -> failtest "there is no such part"
    | Error faults -> faults

let private plan () =
    match Plan.make sources { Folder = "nowhere" } sweep with
    | Ok plan -> plan
    | Error problems -> failtest $"%A{problems}"

[<Tests>]
let tests =
    testList
        "a part of a sweep"
        [
            testCase "one value on an axis, whatever the case of its letters" (fun () ->
                Expect.equal (left [ "Optimizer = SAM" ]) [ 2., true, 0; 2., true, 1; 4., true, 0; 4., true, 1 ] "sam")
            testCase "values on one axis are alternatives, on several conditions" (fun () ->
                Expect.equal (left [ "imbalance=2"; "imbalance=4" ]).Length 8 "either"
                Expect.equal (left [ "imbalance=2"; "optimizer=sgd" ]) [ 2., false, 0; 2., false, 1 ] "both")
            testCase "a seed is asked for like a value" (fun () ->
                Expect.equal (left [ "seed=1"; "imbalance=4" ]) [ 4., false, 1; 4., true, 1 ] "seed 1")
            testCase "without a condition all is left" (fun () -> Expect.equal (left []).Length 8 "all")
            testCase "each wrong condition gives a line that lists what there is" (fun () ->
                match faults [ "depth=3"; "optimizer=adam"; "sam" ] with
                | [ axis; value; form ] ->
                    Expect.stringContains axis "imbalance, optimizer, seed" "the axes"
                    Expect.stringContains value "sgd, sam" "the values"
                    Expect.stringContains form "AXIS=VALUE" "the form"
                | other -> failtest $"%A{other}")
            testCase "runs go by the beginning of their hash or a part of their name" (fun () ->
                let plan = plan ()
                let third = plan.Runs[2]

                let only text =
                    Selection.only text plan
                    |> Result.map (fun plan -> plan.Runs, List.map snd plan.Cells)

                Expect.equal (only third.Hash[..7]) (Ok([ third ], [ third.Hash ])) "hash"

                match only "SAM, seed 1" with
                | Ok(runs, cells) ->
                    Expect.equal
                        (runs |> List.map _.Label)
                        [ "imbalance 2, sam, seed 1"; "imbalance 4, sam, seed 1" ]
                        "name"

                    Expect.equal cells (runs |> List.map _.Hash) "their cells alone"
                | Error faults -> failtest $"%A{faults}"

                Expect.isError (only "adam") "none")
        ]

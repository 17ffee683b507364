/// What a report's settings are compared with.
module LongTail.Tests.BaselineTests

open System.Text.Json
open Expecto
open LongTail
open LongTail.Reports
open LongTail.Tests.ReportSamples

let private contenders () =
    let rows, settings = runs answer (ablation 2)
    Contender.ofRows "sample" settings rows

/// Each setting and its partner, by their names.
let private pairs baseline =
    let contenders = contenders ()
    let partner = Baseline.partners baseline contenders

    Map
        [
            for c in contenders -> c.Name, partner c |> Option.map (fun (other: Contender) -> other.Name)
        ]

let private said words =
    match Baseline.ofWords words (contenders ()) with
    | Ok baseline -> baseline
    | Error faults -> failtest $"%A{faults}"

[<Tests>]
let tests =
    testList
        "report baseline"
        [
            testCase "a partner is equal but for the axis named" (fun () ->
                let found = pairs (said [ "OPTIMIZER = gnm" ])
                Expect.equal found["sgd, CE"] (Some "gnm, CE") "of another optimizer"
                Expect.equal found["sam, GCL+DRW"] (Some "gnm, GCL+DRW") "under the same loss"
                Expect.equal found["gnm, CE"] None "a baseline has none")
            testCase "two axes make one baseline of all" (fun () ->
                let found = pairs (said [ "optimizer=sgd"; "loss=CE" ])

                Expect.equal
                    (found
                     |> Map.filter (fun _ other -> other <> Some "sgd, CE")
                     |> Map.keys
                     |> List.ofSeq)
                    [ "sgd, CE" ]
                    "those with another partner")
            testCase "by itself it is the first value of the sweep's first axis" (fun () ->
                Expect.equal (Baseline.ofSweep (contenders ())) (Having [ "optimizer", "sgd" ]) "baseline")
            testCase "settings of two data sets do not compare" (fun () ->
                let on (name: string) (contender: Contender) =
                    { contender with
                        Labels = ("dataset", name) :: contender.Labels
                        Settings = [ "Data.Source", JsonSerializer.SerializeToElement name ]
                    }

                let two =
                    [ "one"; "other" ]
                    |> List.collect (fun name -> contenders () |> List.map (on name))

                Expect.equal (Baseline.ofSweep two) (Having [ "optimizer", "sgd" ]) "the next axis"
                let alone = two |> List.filter (fun c -> c.Name = "sgd, CE")
                Expect.equal (Baseline.ofSweep alone) WithoutPerturbation "no other axis")
            testCase "without axes it is the same setting without perturbation" (fun () ->
                let found = pairs WithoutPerturbation
                Expect.equal found["sam, CE"] (Some "sgd, CE") "perturbed"
                Expect.equal found["sgd, CE"] None "plain")
            testCase "an axis has one value in a baseline" (fun () ->
                match Baseline.ofWords [ "loss=CE"; "loss=GCL+DRW" ] (contenders ()) with
                | Error [ fault ] -> Expect.stringContains fault "loss is said twice" "fault"
                | other -> failtest $"%A{other}")
            testCase "all that is wrong is said at once, with what there is" (fun () ->
                match Baseline.ofWords [ "optimiser=sgd"; "loss=LDAM"; "loss" ] (contenders ()) with
                | Ok baseline -> failtest $"%A{baseline}"
                | Error faults ->
                    Expect.hasLength faults 3 "a line each"
                    Expect.stringContains faults[0] "no axis optimiser; there is optimizer, loss" "axis"
                    Expect.stringContains faults[1] "there is CE, GCL+DRW" "value"
                    Expect.stringContains faults[2] "AXIS=VALUE" "form")
        ]

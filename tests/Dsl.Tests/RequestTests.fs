/// What a script asks for is heard to its end before anything of it is done.
module LongTail.Tests.RequestTests

open System.IO
open Expecto
open LongTail
open LongTail.Commands
open LongTail.Tests.Samples
open LongTail.Tests.StoreSamples

let private sweep =
    pretraining
    |> vary perturbation [ none; gnm 0.005 ]
    |> vary imbalance [ 2.; 4. ]
    |> seeds [ 0; 1 ]

let private drw = gcl 25. |> deferReweighting 4<epoch>

let private given store words =
    match Command.read Command.run ([ "--store"; store.Folder ] @ words) with
    | Ok(Some given) -> Session.bare given
    | other -> failtest $"%A{other}"

let private problems requests =
    inStore (fun store ->
        match Option.map (Plan.make sources store) (Request.whole requests) with
        | Some(Error problems) -> problems |> List.map string
        | Some(Ok _) -> []
        | None -> failtest "nothing to run")

[<Tests>]
let tests =
    testList
        "requests"
        [
            testCase "a contrast that no result can answer is an error of the plan" (fun () ->
                for asked, expected in
                    [
                        contrast perturbation (gnm 0.05) none accuracy,
                        [
                            "contrast perturbation gnm 0.05: is a value that no setting of the sweep has; there is sgd, gnm 0.005"
                        ]
                        contrast imbalance 8. 16. tailAccuracy,
                        [
                            "contrast imbalance 8: is a value that no setting of the sweep has; there is 2, 4"
                            "contrast imbalance 16: is a value that no setting of the sweep has; there is 2, 4"
                        ]
                        contrast imbalance 2. 2. accuracy,
                        [ "contrast imbalance 2: is held against itself; name two values" ]
                        contrast perturbation (gnm 0.005) none accuracy, []
                    ] do
                    Expect.equal (problems [ Run sweep; Differences([ asked ], sweep) ]) expected "problems")
            testCase
                "so is one whose values never share the rest, a table without a row of ours, a backbone of several runs"
                (fun () ->
                    let apart =
                        Sweep.union
                            (pretraining |> vary perturbation [ none ] |> vary imbalance [ 2. ])
                            (pretraining |> vary perturbation [ gnm 0.005 ] |> vary imbalance [ 4. ])

                    let asked = contrast perturbation (gnm 0.005) none accuracy

                    match
                        problems
                            [
                                Run apart
                                Differences([ asked ], apart)
                                Beside(gnmPtPoster, apart)
                                SaveBackbone("x.safetensors", [], apart)
                            ]
                    with
                    | [ pairs; rows; backbone ] ->
                        Expect.stringContains pairs "gnm 0.005, sgd: are never there with all else equal" "pairs"
                        Expect.stringContains rows "has no row that is called as one of the sweep" "rows"

                        Expect.stringContains
                            backbone
                            "saveBackbone x.safetensors: is the backbone of one run, and here are 2"
                            "runs"
                    | other -> failtest $"%A{other}")
            testCase "a backbone that nothing moves is not saved, and no question is none" (fun () ->
                let tuned = prompting |> vary learningRate [ 0.01 ]

                let everything =
                    overriding model (vit "some.safetensors" |> tuning Tuning.Everything)

                let saved = "saveBackbone x.safetensors: would be "

                for sweep, expected in
                    [
                        tuned,
                        [
                            saved
                            + "some.safetensors, unchanged: the experiment keeps its backbone frozen; let it learn, `|> tuning Tuning.Everything` in the model, or leave saveBackbone out"
                        ]
                        everything tuned |> overriding learningRate 0.,
                        [
                            saved
                            + "the backbone that the experiment begins with: 0 epochs or a rate of 0 move nothing; give it epochs and a rate, or leave saveBackbone out"
                        ]
                        everything tuned, []
                        pretraining, []
                    ] do
                    let requests = [ Run sweep; SaveBackbone("x.safetensors", [], sweep) ]
                    Expect.equal (problems requests) expected "told by the plan"

                    // Also where the run is another script's.
                    Expect.equal
                        (List.tail requests |> List.collect Request.faults |> List.map string)
                        expected
                        "alone"

                inStore (fun store ->
                    let code =
                        Performing.perform (given store []) [ SaveBackbone("x.safetensors", [], tuned) ]

                    Expect.equal code 2 "code"
                    Expect.isFalse (File.Exists "x.safetensors") "nothing is written")

                Expect.equal
                    (problems [ Run pretraining; Differences([], pretraining) ])
                    [
                        "differences: asks for no contrast; name one, as `differences [ contrast perturbation (gnm 0.005) none accuracy ]`"
                    ]
                    "no contrast")
            testCase "nothing runs of a script that asks for what cannot be" (fun () ->
                inStore (fun store ->
                    let asked = contrast perturbation (gnm 0.05) none accuracy

                    let code =
                        Performing.perform (given store []) [ Run sweep; Differences([ asked ], sweep) ]

                    Expect.equal code 2 "code"
                    Expect.isFalse (Directory.Exists store.Folder) "no run was begun"

                    // Nor what comes before a sweep that is wrong in itself.
                    let still = pretraining |> overriding Axes.epochs 0<epoch>

                    let code =
                        Performing.perform
                            (given store [])
                            [ Run still; Run(still |> expect accuracy [ "nobody", 0., 1. ]) ]

                    Expect.equal code 2 "code"
                    Expect.isFalse (Directory.Exists store.Folder) "nor was the first"))
            testCase "a contrast of which --where or --only leaves no pair is a warning of the plan" (fun () ->
                inStore (fun store ->
                    let asked = contrast perturbation (gnm 0.005) none accuracy
                    let whole = Option.get (Request.whole [ Run sweep; Differences([ asked ], sweep) ])

                    let warnings words =
                        match CommandLine.planned (given store words) whole with
                        | Ok plan -> plan.Warnings |> List.map string |> List.filter _.StartsWith("contrast")
                        | Error lines -> failtest $"%A{lines}"

                    let expected =
                        [
                            "contrast perturbation gnm 0.005, sgd: has no pair among the runs that were asked for; ask for both values to have an answer"
                        ]

                    Expect.equal (warnings [ "--where"; "optimizer=gnm" ]) expected "where"
                    Expect.equal (warnings [ "--only"; "sgd" ]) expected "only"
                    Expect.isEmpty (warnings [ "--where"; "imbalance=2" ]) "both values are there"))
            testCase "contrasts of a loss go by its numbers" (fun () ->
                let sweep = pretraining |> vary loss [ crossEntropy; drw ]

                Expect.isEmpty
                    (problems [ Run sweep; Differences([ contrast loss drw crossEntropy accuracy ], sweep) ])
                    "there"

                let other = gcl 25. |> deferReweighting 5<epoch>

                Expect.stringContains
                    (problems [ Run sweep; Differences([ contrast loss other crossEntropy accuracy ], sweep) ]).Head
                    "no setting of the sweep has"
                    "not there")
        ]

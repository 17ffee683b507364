/// Results held against what a script expects of them.
module LongTail.Tests.CheckTests

open System.IO
open Expecto
open Spectre.Console
open LongTail
open LongTail.Tests.Samples

let private sweep =
    pretraining
    |> vary perturbation [ none; gnm 0.005 ]
    |> vary loss [ crossEntropy; gcl 25. |> deferReweighting 4<epoch> ]
    |> seeds [ 0; 1 ]

let private expected =
    sweep
    |> expect accuracy [ "gnm, GCL+DRW", 62.3, 64.3; "sgd, CE", 52.9, 54.9; "gnm, CE", 52.9, 54.9 ]
    |> expect tailAccuracy [ "sgd, CE", 50., 53.4; "sgd, GCL+DRW", 80., 81. ]

/// Accuracies by setting, a hundredth of a point more with seed 1; None has no result.
let private check answer sweep =
    inStore (fun store ->
        let plan = planned store sweep

        let results =
            Map
                [
                    for setting, hash in plan.Cells do
                        match answer setting with
                        | Some mean -> hash, result (mean - 0.0001 + 0.0002 * float setting.Experiment.Seed) 1.
                        | None -> ()
                ]

        Check.ofPlan plan results)

let private answer (setting: Setting) =
    match setting.Called, setting.Experiment.Seed with
    | "gnm, GCL+DRW", _ -> Some 0.615
    | "sgd, CE", _ -> Some 0.549
    | "gnm, CE", 0L -> Some 0.54
    | _ -> None

let private rendered grid =
    use text = new StringWriter(NewLine = "\n")

    let console =
        AnsiConsole.Create(AnsiConsoleSettings(Ansi = AnsiSupport.No, Out = AnsiConsoleOutput text))

    console.Profile.Width <- 80
    Grid.write console grid
    text.ToString()

let private rows (those: Checked list) =
    those |> List.map (fun one -> one.Expectation.Row, one.Expectation.Score.Name)

let private faults sweep = Sweep.faults sweep |> List.map string

let private told given store =
    match Command.read (Option.get (Command.named "check")) (given @ [ "--store"; store.Folder ]) with
    | Ok(Some given) -> Session.bare given
    | other -> failtest $"%A{other}"

[<Tests>]
let tests =
    testList
        "check"
        [
            testCase "the table, its summary and the complaints" (fun () ->
                let those = expected |> check answer

                rendered (Check.table those)
                + Check.summary those
                + "\n\n"
                + (Check.complaints those
                   |> List.map (fun line -> $"warning: {line}\n")
                   |> String.concat "")
                |> Approved.text "check.txt")
            testCase "where all is as expected there is nothing to complain of" (fun () ->
                let those = sweep |> expect accuracy [ "sgd, CE", 54.9, 54.9 ] |> check answer
                Expect.equal (Check.summary those) "all 1 are within their ranges" "summary"
                Expect.isEmpty (Check.complaints those) "complaints")
            testTheory
                "a wrong range is a fault of the sweep, told before anything runs"
                [
                    [ "gnm, LDAM", 1., 2. ],
                    "expect gnm, LDAM: is no row of the table; there is sgd, CE; sgd, GCL+DRW; gnm, CE; gnm, GCL+DRW"
                    [ "sgd, CE", 54.9, 52.9 ],
                    "expect sgd, CE 54.9, 52.9: is no range in percent; give the lower end, then the upper one"
                    [ "sgd, CE", 52.9, 154.9 ],
                    "expect sgd, CE 52.9, 154.9: is no range in percent; give the lower end, then the upper one"
                    [ "sgd, CE", 1., 2.; "sgd, CE", 3., 4. ], "expect sgd, CE: has 2 ranges of accuracy; keep one"
                ]
                (fun (ranges, line) -> Expect.equal (sweep |> expect accuracy ranges |> faults) [ line ] "line")
            testCase "a range is said behind all that varies" (fun () ->
                Expect.equal
                    (expected |> vary imbalance [ 10.; 100. ] |> faults)
                    [
                        "expect: is said before imbalance is varied; say it behind all that varies, of the rows that the table has then"
                    ]
                    "line")
            testCase "two rows that are called alike cannot be told apart" (fun () ->
                let twins =
                    Sweep.union pretraining (pretraining |> overriding epochs 7<epoch>)
                    |> expect accuracy [ "pretraining", 1., 2. ]

                Expect.equal
                    (faults twins)
                    [
                        "expect pretraining: is what 2 rows are called; vary what tells them apart, which gives them a column of it"
                    ]
                    "line")
            testCase "rows that were not asked for are passed over" (fun () ->
                let asked texts =
                    match Selection.where texts expected with
                    | Ok(part, _) -> part |> check answer |> rows
                    | Error lines -> failtest $"%A{lines}"

                Expect.equal
                    (asked [ "optimizer=sgd" ])
                    [
                        "sgd, CE", "accuracy"
                        "sgd, CE", "tail accuracy"
                        "sgd, GCL+DRW", "tail accuracy"
                    ]
                    "axis"

                Expect.hasLength (asked [ "seed=1" ]) 5 "a seed is a part of every row"

                inStore (fun store ->
                    match Selection.only "GCL" (planned store expected) with
                    | Ok plan ->
                        Expect.equal
                            (Check.ofPlan plan Map.empty |> rows)
                            [ "gnm, GCL+DRW", "accuracy"; "sgd, GCL+DRW", "tail accuracy" ]
                            "name"
                    | Error lines -> failtest $"%A{lines}"))
            testCase "a range stays with its row when rows are joined, replicated or renamed" (fun () ->
                let row = pretraining |> expect accuracy [ "pretraining", 70., 80. ]
                let other = pretraining |> Sweep.map (fun e -> { e with Name = "other" })

                for name, sweep in
                    [
                        "joined", Sweep.union other row
                        "replicated", row |> seeds [ 3; 4 ]
                        "renamed", row |> Sweep.map (fun e -> { e with Name = "renamed" })
                    ] do
                    Expect.equal (sweep |> check (fun _ -> Some 0.75) |> List.map Check.fit) [ Within ] name)
            testProperty
                "a result is outside by just what is missing"
                (fun (found: uint16) (low: uint16) (width: uint16) ->
                    // Tenths of a point.
                    let found, low = int found % 1001, int low % 1001
                    let high = min 1000 (low + int width % 100)
                    let tenths = float >> fun tenths -> tenths / 10.

                    let fit =
                        pretraining
                        |> expect accuracy [ "pretraining", tenths low, tenths high ]
                        |> check (fun _ -> Some(0.0001 + float found / 1000.))
                        |> List.exactlyOne
                        |> Check.fit

                    match fit with
                    | Within -> Expect.isTrue (low <= found && found <= high) "within"
                    | Outside points when points < 0. ->
                        Expect.floatClose Accuracy.high points (tenths (found - low)) "below"
                    | Outside points -> Expect.floatClose Accuracy.high points (tenths (found - high)) "above"
                    | NoResult -> failtest "there is a result")
            testCase "the exit code is 0 only where all are there and within" (fun () ->
                let one low high =
                    pretraining |> expect accuracy [ "pretraining", low, high ]

                let code sweep given store =
                    CommandLine.check (told given store) sweep

                inStore (fun store ->
                    Expect.equal (code (one 70. 80.) [] store) 2 "no result"
                    let session = told [] store

                    match CommandLine.planned session pretraining with
                    | Ok plan ->
                        let run = plan.Runs.Head
                        Store.start store run Place.here
                        Store.finish store run.Hash (result 0.75 1.)
                    | Error lines -> failtest $"%A{lines}"

                    Expect.equal (code (one 70. 80.) [] store) 0 "within"
                    Expect.equal (code (one 76. 80.) [] store) 2 "outside"
                    Expect.equal (code pretraining [] store) 2 "nothing to check"))
        ]

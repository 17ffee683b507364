/// What a table does not have, so that none looks whole that is not.
module LongTail.Tests.GapsTests

open System
open System.IO
open System.Text.Json
open Expecto
open LongTail
open LongTail.Commands
open LongTail.Core
open LongTail.Reports
open LongTail.Tests.Samples
open LongTail.Tests.StoreSamples

let private sweep = pretraining |> vary learningRate [ 0.01; 0.1; 1.; 10. ]

let private why = "the loss is no number; lower the learning rate"

/// A store where 0.01 is done, 0.1 and 1 diverged and 10 was stopped, and the plan of the script.
let private inBroken body =
    inStoreOf [ 0.5 ] sweep (fun store plan ->
        for run in plan.Runs[1..2] do
            Store.fail store run.Hash { Fault = why; Cause = Diverged } (exn "diverged")

        body store (planned store sweep))

let private ofScript store plan =
    { subjectOf store [] with
        Plan = Some plan
    }

let private exported format subject =
    Export.writer format (ExportRow.ofSubject subject) (AbsentRow.ofSubject subject)

let given store words =
    match Command.read Command.run ([ "--store"; store.Folder ] @ words) with
    | Ok(Some given) -> Session.bare given
    | other -> failtest $"%A{other}"

/// What the body gives and all that it says.
let said body =
    use writer = new StringWriter(NewLine = "\n")
    let out, error = Console.Out, Console.Error
    Console.SetOut writer
    Console.SetError writer

    try
        let result = body ()
        result, writer.ToString()
    finally
        Console.SetOut out
        Console.SetError error

let private lines =
    [
        "Not in the table: 3 of 4 runs (2 failed, 1 stopped)."
        $"Failed: learning rate 0.1; learning rate 1: {why}."
        "Stopped: learning rate 10."
    ]

[<Tests>]
let tests =
    testList
        "what a table lacks"
        [
            testCase "is told by its reason alone where a run has no name left" (fun () ->
                let gap called =
                    {
                        Hash = Some "0123456789ab"
                        Called = called
                        Labels = []
                        Seed = None
                        State = "damaged"
                        Why = Some "runs/0123456789ab/digest.json is missing"
                    }

                for names, line in
                    [
                        [ "" ], "Damaged: runs/0123456789ab/digest.json is missing."
                        [ ""; "sgd" ], "Damaged: sgd: runs/0123456789ab/digest.json is missing."
                    ] do
                    Expect.equal (Gaps.lines 0 (List.map gap names) |> List.last) line "line")
            testCase "is told by every export of a script, each failure with its setting" (fun () ->
                inBroken (fun store plan ->
                    let subject = ofScript store plan

                    for format, comment in [ "md", ""; "latex", "% " ] do
                        for line in lines do
                            Expect.stringContains (exported format subject) $"\n{comment}{line}\n" format

                    let rows = (exported "csv" subject).TrimEnd().Split '\n' |> Array.map (_.Split(','))

                    Expect.equal
                        [ for row in rows -> row[1], row[row.Length - 2], row[row.Length - 1] ]
                        [
                            "learning rate", "state", "reason"
                            "0.01", "done", ""
                            "0.1", "failed", why
                            "1", "failed", why
                            "10", "stopped", ""
                        ]
                        "csv"

                    let rows = (JsonDocument.Parse(exported "json" subject)).RootElement
                    Expect.equal (rows.GetArrayLength()) 4 "json"
                    Expect.equal (rows[1].GetProperty("reason").GetString()) why "reason"
                    Expect.equal (rows[1].GetProperty("learning rate").GetDouble()) 0.1 "setting"
                    Expect.equal (rows[1].GetProperty("accuracy").ValueKind) JsonValueKind.Null "no number"))
            testCase "is told by every export of a store, by the settings that differ" (fun () ->
                inBroken (fun store plan ->
                    let subject = subjectOf store []
                    Expect.stringContains (exported "md" subject) lines.Head "md"

                    let rows = (exported "csv" subject).TrimEnd().Split '\n' |> Array.map (_.Split(','))

                    Expect.equal rows.[0].[1] "Optimizer.Base.LearningRate" "header"

                    Expect.equal
                        (set [ for row in rows[1..] -> row[0], row[1], row[row.Length - 2] ])
                        (set
                            [
                                for run, rate, state in
                                    List.zip3
                                        plan.Runs
                                        [ "0.01"; "0.1"; "1"; "10" ]
                                        [ "done"; "failed"; "failed"; "stopped" ] -> run.Hash, rate, state
                            ])
                        "csv"))
            testCase "is told by the report, in its verdict and below its table" (fun () ->
                inBroken (fun store plan ->
                    let given = (given store []).Given

                    for subject in [ ofScript store plan; subjectOf store [] ] do
                        let account = Reporting.account given subject
                        Expect.contains account.Judgement.Sentences lines.Head "verdict"
                        Expect.containsAll (Tables.protocol account) [ lines.Head; lines[2] ] "terminal and page"
                        Expect.stringContains (Text.ofAccount account) lines.Head "Markdown"))
            testCase "is code 2 of an export and a report where a run failed" (fun () ->
                inBroken (fun store _ ->
                    let out = Path.Combine(string (Path.GetDirectoryName store.Folder), "x.md")

                    let code words =
                        fst (said (fun () -> Program.main (Array.ofList words)))

                    let codes () =
                        [ "report"; store.Folder; "--out"; out ]
                        :: [
                            for format in [ "csv"; "json"; "md"; "latex" ] -> [ "export"; format; store.Folder ]
                        ]
                        |> List.map code

                    Expect.equal (codes ()) [ 2; 2; 2; 2; 2 ] "failed"

                    for run in StoredRun.all store do
                        if run.State.IsFailed then
                            StoredRun.remove store run.Hash |> ignore

                    Expect.equal (codes ()) [ 0; 0; 0; 0; 0 ] "one was stopped"))
            testCase "is told of what --where and --only leave out" (fun () ->
                inStore (fun store ->
                    let trainer: Trainer = fun _ _ _ _ -> result 0.5 1.

                    let ending, _ =
                        said (fun () -> CommandLine.execute (fun _ _ -> []) trainer (given store []) sweep)

                    Expect.equal ending (Ended []) "all is done"

                    let lack words =
                        match CommandLine.planned (given store words) sweep with
                        | Ok plan ->
                            Expect.contains
                                [ for row in AbsentRow.ofSubject (ofScript store plan) -> row.Gap.State ]
                                "left out"
                                "export"

                            Gaps.ofTable store plan (Plan.results plan)
                        | Error lines -> failtest $"%A{lines}"

                    let expected =
                        [
                            "Not in the table: 2 of 4 runs (2 left out)."
                            "Left out by --where or --only: learning rate 1; learning rate 10."
                        ]

                    Expect.equal
                        (lack [ "--where"; "learning rate=0.01"; "--where"; "learning rate=0.1" ])
                        expected
                        "where"

                    Expect.equal
                        (lack [ "--only"; "0.01" ])
                        [
                            "Not in the table: 3 of 4 runs (3 left out)."
                            "Left out by --where or --only: learning rate 0.1; learning rate 1; learning rate 10."
                        ]
                        "only"))
            testCase "is told by a run, whose failures have a line each" (fun () ->
                inStore (fun store ->
                    let trainer: Trainer =
                        fun settings _ _ _ ->
                            if settings.Optimizer.Base.LearningRate > 0.5 then
                                raise (InputException why)

                            result 0.5 1.

                    let ending, text =
                        said (fun () -> CommandLine.execute (fun _ _ -> []) trainer (given store []) sweep)

                    Expect.equal ending.Code 2 "code"
                    Expect.stringContains text $"1: {why}\n" "the one"
                    Expect.stringContains text $"10: {why}\n" "the other"
                    Expect.stringContains text "Not in the table: 2 of 4 runs (2 failed).\n" "below the table"

                    Expect.stringContains
                        text
                        "Failed: learning rate 1; learning rate 10.\n"
                        "which, whose reasons were told"))
            testCase "is told of pairs" (fun () ->
                let sweep =
                    pretraining
                    |> vary perturbation [ none; gnm 0.005 ]
                    |> vary imbalance [ 2.; 4. ]
                    |> seeds [ 0; 1 ]

                inStoreOf [ 0.5; 0.6; 0.7 ] sweep (fun store plan ->
                    Store.fail store plan.Runs[3].Hash { Fault = why; Cause = Diverged } (exn "diverged")
                    let plan = planned store sweep
                    let asked = contrast perturbation (gnm 0.005) none accuracy

                    Expect.equal
                        (Comparison.missing store plan (Plan.results plan) asked)
                        [
                            "Not compared: 4 of 4 pairs of gnm and sgd: 2, seed 0 (gnm stopped); 2, seed 1 (gnm stopped); 4, seed 0 (gnm stopped); 4, seed 1 (gnm stopped, sgd failed)."
                        ]
                        "pairs"))
            testCase "is nothing where all is done" (fun () ->
                inStoreOf [ 0.5; 0.6; 0.7; 0.8 ] sweep (fun store _ ->
                    Expect.isEmpty
                        (Gaps.ofTable store (planned store sweep) (Plan.results (planned store sweep)))
                        "lines"))
        ]

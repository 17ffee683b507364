/// The command `report`.
module LongTail.Tests.ReportingTests

open System.IO
open Expecto
open LongTail
open LongTail.Commands
open LongTail.Reports
open LongTail.Tests.ReportSamples
open LongTail.Tests.Samples
open LongTail.Tests.StoreSamples
open LongTail.Tests.TempFolder

let private given words =
    match Command.read (Option.get (Command.named "report")) words with
    | Ok(Some given) -> given
    | other -> failtest $"%A{other}"

let private sweep =
    pretraining |> vary perturbation [ none; gnm 0.005 ] |> seeds [ 0; 1 ]

/// Of a store with three finished runs of four, and of the script that has the sweep.
let private inFolder body =
    inStoreOf [ 0.5; 0.52; 0.6 ] sweep (fun store plan ->
        let ofStore = subjectOf store []

        body
            (Path.GetDirectoryName store.Folder |> string)
            ofStore
            { ofStore with
                Plan = Some(planned store sweep)
            })

[<Tests>]
let tests =
    testList
        "report command"
        [
            testCase "a store's settings are compared with those without perturbation" (fun () ->
                inFolder (fun _ ofStore _ ->
                    let account = Reporting.account (given []) ofStore
                    Expect.equal (account.Standings |> List.map _.Name) [ "gnm"; "sgd" ] "by accuracy"
                    let lead = account.Standings.Head.Lead |> Option.get
                    Expect.equal (lead.Over, lead.Pairs) ("sgd", 1) "the seed that both have"
                    Expect.floatClose Accuracy.high lead.Difference.Mean 0.1 "0.6 - 0.5"
                    Expect.containsAll account.Runs [ "done", 3; "stopped", 1 ] "runs"))
            testCase "a script's go by its axes" (fun () ->
                inFolder (fun _ _ ofScript ->
                    let account = Reporting.account (given [ "--baseline"; "optimizer=gnm" ]) ofScript
                    Expect.equal account.Baseline "optimizer=gnm" "baseline"
                    Expect.equal account.Title "pretraining" "title"
                    Expect.isNone account.Standings.Head.Lead "gnm is the baseline"))
            testCase "of two sets of test images it says how one alone is reported" (fun () ->
                let two =
                    pretraining
                    |> vary dataset [ FashionMnist; Cifar10 ]
                    |> vary perturbation [ none; gnm 0.005 ]

                inStoreOf [ 0.5; 0.52; 0.6; 0.5 ] two (fun store _ ->
                    let ofStore = subjectOf store []

                    let said subject =
                        (Reporting.account (given []) subject).Judgement.Sentences
                        |> List.find _.StartsWith("Accuracies compare")

                    Expect.stringContains (said ofStore) "name a script" "of a store"

                    let ofScript =
                        said
                            { ofStore with
                                Plan = Some(planned store two)
                            }

                    Expect.stringContains ofScript "as --where \"dataset=" "of a script, by the axis that tells"
                    Expect.isFalse (ofScript.Contains "name a script") "which was named"))
            testCase "the page holds the numbers" (fun () ->
                inFolder (fun _ _ ofScript ->
                    let html = Page.html (Reporting.account (given []) ofScript)
                    Expect.isFalse (html.Contains "REPORT_DATA") "filled"
                    Expect.stringContains html "One seed cannot tell: gnm leads sgd by 10.0 points" "headline"))
            testTheory
                "what cannot be is refused in a line, and nothing is written"
                [
                    [ "--out"; "report.pdf" ], "name it NAME.html or NAME.md"
                    [ "--out"; "" ], "is a folder"
                    [ "--out"; "file/x.html" ], "there is no folder"
                    [ "--out"; "resutls/x.html" ], "there is no folder"
                    [ "--baseline"; "run=LDAM" ], "no run has this run; there is"
                    [ "--baseline"; "loss=CE" ], "there is run"
                ]
                (fun (words, why) ->
                    inFolder (fun folder ofStore _ ->
                        File.WriteAllText(Path.Combine(folder, "file"), "")

                        let words =
                            match words with
                            | [ "--out"; name ] -> [ "--out"; Path.Combine(folder, name) ]
                            | words -> words @ [ "--out"; Path.Combine(folder, "x.html") ]

                        let message =
                            inputError (fun () -> Reporting.write (given words) (fun () -> ofStore))

                        Expect.stringContains message why "why"
                        Expect.isFalse (message.Contains '\n') "one line"
                        Expect.equal (Directory.GetFiles folder) [| Path.Combine(folder, "file") |] "files"
                        Expect.hasLength (Directory.GetDirectories folder) 1 "no folder but the store"))
            testCase "runs without a result make no report" (fun () ->
                inStoreOf [] pretraining (fun store _ ->
                    let message =
                        inputError (fun () -> Reporting.account (given []) (subjectOf store []))

                    Expect.stringContains message "no run" "why"
                    Expect.stringContains message store.Folder "where"))
        ]

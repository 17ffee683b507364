/// What a report says, and what it never says.
module LongTail.Tests.AccountTests

open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open FsCheck
open FsCheck.FSharp
open Spectre.Console
open LongTail
open LongTail.Core
open LongTail.Commands
open LongTail.Reports
open LongTail.Tests.ReportSamples
open LongTail.Tests.TempFolder

/// Accuracies of the ablation's runs, in its order, over two or three seeds.
let private accuracies =
    gen {
        let! seeds = Gen.choose (2, 3)

        let! values =
            Gen.choose (0, 40)
            |> Gen.map (fun n -> 0.5 + 0.002 * float n)
            |> Gen.listOfLength (6 * seeds)

        return seeds, values
    }

let private runsOf (seeds, values: float list) =
    let rows, settings = runs answer (ablation seeds)

    [
        for row, accuracy in List.zip rows values ->
            { row with
                Result = wholeResult accuracy accuracy 1. 1.
            }
    ],
    settings

let private covers (estimate: Estimate) =
    match estimate.HalfWidth with
    | Some half -> abs estimate.Mean <= half
    | None -> true

/// Whether the headline says that the first setting is above another.
let private claims account =
    account.Judgement.Headline.StartsWith $"{account.Standings.Head.Name} beats "

let private pretty (json: string) =
    use parsed = JsonDocument.Parse json

    JsonSerializer.Serialize(parsed, JsonSerializerOptions(WriteIndented = true, NewLine = "\n"))
    + "\n"

/// As a terminal of 80 columns shows it.
let private shown (sheet: Sheet) =
    use writer = new StringWriter(NewLine = "\n")

    let console =
        AnsiConsole.Create(AnsiConsoleSettings(Ansi = AnsiSupport.No, Out = AnsiConsoleOutput writer))

    console.Profile.Width <- 80
    Grid.write console (Grid.table sheet.Words sheet.Numbers sheet.Rows)
    writer.ToString()

[<Tests>]
let tests =
    testList
        "report account"
        [
            testProperty "permuting the runs changes nothing"
            <| Prop.forAll
                (Arb.fromGen (
                    gen {
                        let! rows, settings = accuracies |> Gen.map runsOf
                        let! shuffled = Gen.shuffle rows
                        return rows, List.ofArray shuffled, settings
                    }
                ))
                (fun (rows, shuffled, settings) ->
                    Page.data (accountOf (rows, settings)) = Page.data (accountOf (shuffled, settings)))
            testProperty "a setting with a seed twice is refused in one line"
            <| Prop.forAll (Arb.fromGen (Gen.choose (0, 17))) (fun place ->
                let rows, settings = runs answer (ablation 3)
                let twice = { rows[place] with Hash = "another" }
                let message = inputError (fun () -> accountOf (rows @ [ twice ], settings))

                message.Contains $"seed {twice.Seed}"
                && message.Contains "another"
                && not (message.Contains '\n'))
            testProperty "rows stand by falling accuracy, and no side is taken where an interval covers zero"
            <| Prop.forAll (Arb.fromGen accuracies) (fun sample ->
                let account = accountOf (runsOf sample)
                let means = account.Standings |> List.map _.Row.Accuracy.Mean
                let leads = account.Standings |> List.choose _.Lead

                let taken =
                    leads
                    |> List.filter (fun lead -> List.contains (Lead.verdict lead) [ Above; Below ])

                means = List.sortDescending means
                && leads.Length = 4
                && taken |> List.forall (fun lead -> not (covers lead.Difference))
                && claims account =
                    (account.Standings.Head.Lead
                     |> Option.exists (fun lead -> Lead.verdict lead = Above)))
            // Steps of a twentieth of a point: half of the means of two seeds are ties.
            testProperty "a number is rounded once: terminal, Markdown, page and sentences have one text of it"
            <| Prop.forAll (Arb.fromGen accuracies) (fun sample ->
                let finer (seeds, values: float list) =
                    seeds, values |> List.map (fun value -> 0.5 + (value - 0.5) / 4.)

                let account = accountOf (runsOf (finer sample))
                use page = JsonDocument.Parse(Page.data account)
                let sheet = Tables.leaderboard account
                let markdown = Text.ofAccount account

                let column name =
                    sheet.Words @ sheet.Numbers |> List.findIndex ((=) name)

                let text (value: JsonElement) = string (value.GetProperty "text")

                let said =
                    Regex.Match(account.Judgement.Headline, "(beats|leads) .* by ([0-9.]+) points")

                (account.Standings.Head.Lead.IsNone
                 || not said.Success
                 || sheet.Rows.Head[column "points"].StartsWith $"+{said.Groups[2]} ")
                && Seq.zip3 (page.RootElement.GetProperty("standings").EnumerateArray()) sheet.Rows account.Standings
                   |> Seq.forall (fun (standing, row, s) ->
                       let accuracy = text (standing.GetProperty "accuracy")

                       row[column "all"] = accuracy
                       && markdown.Contains $"| {accuracy} |"
                       && (s.Lead.IsNone
                           || row[column "points"] = text (standing.GetProperty("lead").GetProperty "difference"))))
            testCase "one seed has no interval, and the report says so" (fun () ->
                let account = account answer (ablation 1)
                Expect.stringContains account.Judgement.Headline "One seed cannot tell" "headline"

                Expect.all
                    (account.Standings |> List.choose _.Lead)
                    (fun lead -> Lead.verdict lead = Unsaid)
                    "verdicts")
            testCase "a setting that no axis tells apart has the report's name" (fun () ->
                let account = account answer Samples.pretraining
                Expect.equal (account.Standings |> List.map _.Name) [ "sample" ] "name"
                Expect.stringContains account.Judgement.Sentences.Head "nothing to compare" "verdict")
            testCase "a setting's cost is over that of its unperturbed twin, by the settings alone" (fun () ->
                let costs =
                    Map [ for s in (account answer (ablation 2)).Standings -> s.Name, s.Row.CostRatio ]

                Expect.equal costs["sam, CE"] (Some 2.) "sam"
                Expect.equal costs["sgd, GCL+DRW"] (Some 1.) "plain")
            testCase "classes go by their names and the labels of their data set" (fun () ->
                let sheet =
                    Samples.pretraining
                    |> vary loss [ crossEntropy; drw ]
                    |> seeds [ 0; 1 ]
                    |> account (fun e -> Samples.result (if e.Loss = drw then 0.5 else 0.25) 1.)
                    |> Tables.classes
                    |> List.exactlyOne

                Expect.equal
                    (sheet.Words @ sheet.Numbers)
                    [ "label"; "class"; "group"; "images"; "GCL+DRW"; "CE" ]
                    "columns"

                Expect.equal
                    sheet.Rows
                    [
                        [ "2"; "cat"; "head"; "600"; "50.0"; "25.0" ]
                        [ "0"; "dog"; "medium"; "60"; "50.0"; "25.0" ]
                        [ "3"; "owl"; "tail"; "6"; "50.0"; "25.0" ]
                        [ "1"; "emu"; "tail"; "6"; "-"; "-" ]
                    ]
                    "rows")
            testCase "settings stand in the words of a script" (fun () ->
                let account = account answer (ablation 2)

                Expect.equal
                    (account.Settings |> List.map (fun (part, said) -> part, List.distinct said))
                    [
                        "loss", [ "gcl 25. |> deferReweighting 4<epoch>"; "crossEntropy" ]
                        "optimizer",
                        [
                            for perturbation in [ " |> gnm 0.005"; ""; " |> sam 0.05" ] ->
                                $"sgd 0.01 |> momentum 0.9 |> weightDecay 0.001{perturbation}"
                        ]
                    ]
                    "those that differ"

                Expect.containsAll
                    account.Common
                    [
                        "dataset", "FashionMnist |> longTailed 100. |> imagesPerClass 600"
                        "schedule", "cosine 6<epoch>"
                        "groups", "byCount"
                    ]
                    "those in common")
            testCase "warnings stand before the rest in Markdown" (fun () ->
                let text = Text.ofAccount (account answer (ablation 2))

                let places =
                    [ "## Leaderboard"; "a finding"; "## Cost"; "## Classes" ]
                    |> List.map text.IndexOf

                Expect.equal (List.sort places) places "order"
                Expect.isFalse (places.Head < 0) "all there")
            testCase "a name can end no script" (fun () ->
                let rows, settings = runs answer (ablation 2)

                let named =
                    [
                        for row in rows ->
                            { row with
                                Words = [ "x", "</script><b>" + row.Words.Head.ToString() ]
                            }
                    ]

                Expect.isFalse ((Page.data (accountOf (named, settings))).Contains '<') "no sign of HTML")
            testCase "a thousand settings of five seeds are all in the leaderboard, and few are drawn" (fun () ->
                let account =
                    Samples.pretraining
                    |> vary perturbation [ none; gnm 0.005 ]
                    |> vary learningRate [ for i in 1..500 -> 0.0001 * float i ]
                    |> seeds [ 0..4 ]
                    |> account answer

                Expect.hasLength account.Standings 1000 "leaderboard"
                Expect.hasLength account.Drawn 6 "drawn"
                Order.isLessThan (Page.html account).Length 3_000_000 "bytes")
            testCase "a memory that nobody tells is a dash" (fun () ->
                let account = account (fun _ -> Samples.resultOnGpu 0.5 2.) (ablation 1)
                Expect.isFalse ((shown (Tables.costs account)).Contains "MiB") "no number")
            testList
                "approved"
                [
                    testCase "Markdown" (fun () ->
                        Approved.text "report.md" (Text.ofAccount (account answer (ablation 5))))
                    testCase "the terminal's tables" (fun () ->
                        let account = account answer (ablation 5)

                        Approved.text "report.txt" (shown (Tables.leaderboard account) + shown (Tables.costs account)))
                    testCase "the page's numbers" (fun () ->
                        Approved.text "report.json" (pretty (Page.data (account answer (ablation 3)))))
                ]
        ]

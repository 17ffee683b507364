/// Head, medium and tail of a run are the run's own, whatever lies beside it.
module LongTail.Tests.GroupingTests

open System
open System.Globalization
open System.IO
open System.Text.Json
open CsvHelper
open Expecto
open FsCheck
open FsCheck.FSharp
open LongTail
open LongTail.Commands
open LongTail.Reports
open LongTail.Core.Evaluation
open LongTail.Core.Training
open LongTail.Tests.Samples
open LongTail.Tests.StoreSamples

let private given =
    match Command.read (Option.get (Command.named "report")) [] with
    | Ok(Some given) -> given
    | other -> failtest $"%A{other}"

/// A setting of one name, its images and its rule.
let private named name images grouping =
    pretraining
    |> Sweep.map (fun e ->
        { e with
            Name = name
            Dataset = images
            Groups = grouping
        })

/// A result of the experiment's own class counts, each class with one of these accuracies in turn.
let private resultOf (accuracies: float list) (e: Experiment) =
    let counts =
        let files = sources.Data e.Dataset.Source |> Result.toOption |> Option.get
        Dataset.classCounts files.Facts.Train e.Dataset

    let classes =
        counts
        |> Array.mapi (fun j _ -> Nullable accuracies[(j + int e.Seed) % accuracies.Length])

    let plain = result (List.average accuracies + 0.001 * float e.Seed) 1.

    RunResult(
        plain.Accuracy,
        classes,
        counts,
        counts |> Array.mapi (fun j _ -> $"class {j}"),
        [| 0 .. counts.Length - 1 |],
        plain.Harmonic,
        List.min accuracies,
        plain.Calibration,
        1,
        1.,
        1L,
        1.,
        [||],
        plain.Epochs
    )

/// Keeps finished runs of the sweep, and gives their plan.
let private keep store answer sweep =
    let plan = planned store sweep

    for setting, hash in plan.Cells do
        Store.start store (plan.Runs |> List.find (fun run -> run.Hash = hash)) Place.here
        Store.finish store hash (answer setting.Experiment)

    planned store sweep

/// The cells of a Markdown table's row, by its columns.
let private cells (text: string) (name: string) =
    let rows =
        text.Split '\n'
        |> Array.filter _.StartsWith("| ")
        |> Array.map (fun line -> line.Trim('|', ' ').Split " | ")

    let row = rows |> Array.find (fun row -> row[0] = name)
    Array.zip rows[0] row |> Map.ofArray |> Map.remove "groups"

/// All that tables, exports and reports say of a setting and of its runs, the comparisons aside.
let private told store (name: string) (hashes: string list) =
    let subject = subjectOf store []
    let rows = ExportRow.ofSubject subject
    let account = Reporting.account given subject
    let standing = account.Standings |> List.find (fun s -> s.Name = name)

    let numbers =
        [ "accuracy"; "head"; "medium"; "tail"; "harmonic"; "worst"; "ece"; "groups" ]

    let ofCsv hash =
        use text = new StringReader(Export.writer "csv" rows [])
        use csv = new CsvReader(text, CultureInfo.InvariantCulture)

        [
            if csv.Read() && csv.ReadHeader() then
                while csv.Read() do
                    if csv.GetField "hash" = hash then
                        for number in numbers do
                            csv.GetField number
        ]

    let ofJson hash =
        [
            for one in (JsonDocument.Parse(Export.writer "json" rows [])).RootElement.EnumerateArray() do
                if one.GetProperty("hash").GetString() = hash then
                    for number in numbers do
                        one.GetProperty(number).GetRawText()
        ]

    let shown hash =
        Show.lines store hash
        |> List.skipWhile ((<>) "result:")
        |> List.takeWhile ((<>) "environment:")

    let row = standing.Row

    [
        for hash in hashes do
            let csv, json = ofCsv hash, ofJson hash
            Expect.hasLength csv numbers.Length "its line"
            Expect.hasLength json numbers.Length "its object"
            yield! csv @ json
            yield! shown hash

        string (cells (Export.writer "md" rows []) name)
        string { row with CostRatio = None }
        let page =
            (JsonDocument.Parse(Page.data account)).RootElement.GetProperty("standings")

        for one in page.EnumerateArray() do
            if one.GetProperty("name").GetString() = name then
                for number in [ "accuracy"; "head"; "medium"; "tail"; "ece" ] do
                    one.GetProperty(number).GetRawText()
    ]

let private fashion = FashionMnist |> longTailed 100. |> imagesPerClass 600

let private drawn: Gen<(Dataset * Grouping option * float list * int) list> =
    gen {
        let! images =
            Gen.elements
                [
                    fashion
                    FashionMnist |> longTailed 5.
                    FashionMnist |> stepImbalance 10.
                    Cifar10 |> longTailed 50.
                    Cifar100 |> longTailed 100.
                    Cifar100 |> stepImbalance 20.
                ]

        let! grouping =
            Gen.elements [ None; Some byCount; Some(byThresholds 300 60); Some byRange ]

        let grouping =
            if (Grouping.resolved images grouping).IsNone then
                None
            else
                grouping

        let! accuracies =
            Gen.nonEmptyListOf (Gen.choose (1, 99) |> Gen.map (fun n -> float n / 100.))

        let! seeds = Gen.choose (1, 3)
        return images, grouping, accuracies, seeds
    }
    |> Gen.nonEmptyListOf
    |> Gen.map (List.truncate 4)

[<Tests>]
let tests =
    testList
        "grouping"
        [
            testPropertyWithConfig
                { FsCheckConfig.defaultConfig with
                    maxTest = 15
                }
                "one stored run gives the same numbers whatever lies beside it"
            <| Prop.forAll (Arb.fromGen drawn) (fun settings ->
                let sweeps =
                    [
                        for index, (images, grouping, accuracies, count) in List.indexed settings do
                            let sweep =
                                named $"s{index}" images grouping
                                // What is drawn twice is two settings all the same.
                                |> overriding batchSize (16 + index)
                                |> seeds [ 0 .. count - 1 ]

                            sweep, resultOf accuracies
                    ]

                inStore (fun all ->
                    for sweep, answer in sweeps do
                        keep all answer sweep |> ignore

                    for index, (sweep, answer) in List.indexed sweeps do
                        inStore (fun alone ->
                            let plan = keep alone answer sweep
                            let hashes = plan.Runs |> List.map _.Hash
                            let name = $"s{index}"
                            Expect.equal (told all name hashes) (told alone name hashes) name

                            let ofScript store sweep =
                                let plan = planned store sweep

                                Report.rows plan (Plan.results plan)
                                |> List.find (fun row ->
                                    row.Labels
                                    |> List.forall (fun (axis, value) -> axis <> "experiment" || value = name))

                            let union = sweeps |> List.map fst |> List.reduce Sweep.union

                            Expect.equal
                                { ofScript all union with Labels = [] }
                                { ofScript alone sweep with
                                    Labels = []
                                }
                                $"{name} in a script's table")))
            testCase "an empty group stays empty beside sets that have all three" (fun () ->
                inStore (fun store ->
                    // Over 100 images each: all is head.
                    let many = named "many" (FashionMnist |> longTailed 5.) None
                    let few = named "few" (Cifar100 |> longTailed 100.) (Some byRange)
                    let answer = resultOf [ 0.25; 0.75 ]
                    keep store answer many |> ignore
                    keep store answer few |> ignore
                    let text = Export.writer "md" (ExportRow.ofSubject (subjectOf store [])) []
                    let cells = cells text "many"
                    Expect.equal (cells["head"], cells["medium"], cells["tail"]) ("50.0", "-", "-") "its own groups"

                    for words in
                        [
                            "| many | over 100, under 20 |"
                            "| few | published ranges |"
                            "each row's own rule: "
                            "training images (over 100, 20 to 100, under 20)"
                            "the published class ranges (the first 36, the next 35, the rest)"
                        ] do
                        Expect.stringContains text words "every rule is named"))
            testCase "step imbalance is cut at the step, unless the experiment says otherwise" (fun () ->
                let stepped grouping =
                    named "step" (FashionMnist |> stepImbalance 10.) grouping
                    |> one
                    |> Experiment.groups

                Expect.equal (stepped None) (StepGroups()) "its step"
                Expect.equal (stepped (Some byCount)) CountGroups.Usual "by count"
                Expect.equal (named "even" FashionMnist None |> one |> Experiment.groups) CountGroups.Usual "no step")
            testCase "what a set has no groups of is a problem of the plan" (fun () ->
                let fault images grouping =
                    match check (named "wrong" images (Some grouping) |> one) with
                    | Ok _ -> ""
                    | Error problems -> problems |> List.map string |> List.exactlyOne

                for images, grouping, words in
                    [
                        fashion, byRange, "FashionMnist has no published class ranges"
                        fashion, byStep, "there is none"
                        fashion, byThresholds 20 100, "byThresholds 20 100"
                        fashion, byThresholds 100 -1, "byThresholds 100 -1"
                    ] do
                    Expect.stringContains (fault images grouping) words "problem"

                for images, grouping in [ Cifar10, byRange; fashion, byThresholds 99 100; fashion, byThresholds 0 0 ] do
                    Expect.equal (fault images grouping) "" "sound")
            testCase "a group without a class is told with what would fill it" (fun () ->
                let said images grouping =
                    named "empty" images grouping
                    |> one
                    |> warnings
                    |> List.map string
                    |> String.concat "\n"

                Expect.stringContains
                    (said (Cifar10 |> longTailed 10.) None)
                    "no class counts as tail by training images (over 100, 20 to 100, under 20); its column of the table stays empty; groups byRange"
                    "which has ranges"

                let fashion = said (FashionMnist |> longTailed 10.) None
                Expect.isFalse (fashion.Contains "byRange") "Fashion-MNIST has no ranges"
                Expect.stringContains fashion "groups (byThresholds ABOVE BELOW)" "thresholds"
                Expect.equal (said (FashionMnist |> stepImbalance 10.) None) "" "nothing is medium by a step's rule")
            testCase "another rule is no other run, and the store keeps the rule of the script that ran it" (fun () ->
                inStore (fun store ->
                    let byRange = named "one" (Cifar100 |> longTailed 10.) (Some byRange)
                    let byCount = named "one" (Cifar100 |> longTailed 10.) None
                    let plan = keep store (resultOf [ 0.2; 0.8 ]) byRange
                    let again = planned store byCount
                    Expect.isSome again.Runs.Head.Result "nothing to train"
                    Expect.equal (Store.groups store plan.Runs.Head.Hash) (RangeGroups(36, 71)) "kept"

                    let rule sweep =
                        (Report.rows (planned store sweep) (Plan.results plan)).Head.Groups

                    Expect.equal
                        (rule byRange, rule byCount)
                        (RangeGroups(36, 71), CountGroups.Usual)
                        "a script's own"))
            testCase "a sentence and a check name the tail's rule" (fun () ->
                inStore (fun store ->
                    let sweep =
                        named "ask" (Cifar100 |> longTailed 10.) (Some byRange)
                        |> vary perturbation [ none; gnm 0.005 ]
                        |> seeds [ 0; 1 ]
                        |> expect tailAccuracy [ "gnm", 99., 100. ]

                    let plan = keep store (resultOf [ 0.2; 0.8 ]) sweep
                    let asked = contrast perturbation (gnm 0.005) none tailAccuracy

                    Expect.stringContains
                        (Comparison.sentence (Comparison.paired plan (Plan.results plan) asked))
                        "tail accuracy (by published range)"
                        "sentence"

                    Expect.stringContains
                        (Check.ofPlan plan (Plan.results plan) |> Check.complaints |> List.exactlyOne)
                        "gnm: tail accuracy (by published range) "
                        "complaint"))
        ]

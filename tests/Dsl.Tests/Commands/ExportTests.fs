/// Finished runs as other programs and papers get them.
module LongTail.Tests.ExportTests

open System
open System.IO
open System.Text.Json
open Expecto
open LongTail
open LongTail.Commands
open LongTail.Tests.Samples
open LongTail.Tests.StoreSamples

let private sweep = pretraining |> vary imbalance [ 2.; 4. ] |> seeds [ 0; 1 ]

/// The text in a format of three finished runs of what `about` makes of the store, their hashes by the names h0, h1, h2.
let private exportedOf about format =
    inStoreOf [ 0.5; 0.6; 0.75 ] sweep (fun store plan ->
        // A store goes by hashes; the golden text by the sweep.
        let subject: Subject = about (subjectOf store [])

        let place hash =
            plan.Runs |> List.findIndex (fun run -> run.Hash = hash)

        let ordered =
            { subject with
                Entries = subject.Entries |> List.sortBy (fun entry -> place entry.Hash)
            }

        (Export.writer format (ExportRow.ofSubject ordered) [], List.indexed plan.Runs)
        ||> List.fold (fun text (index, run) -> text.Replace(run.Hash, $"h{index}")))

let private exported = exportedOf id

/// As of a script that has the sweep.
let private exportedOfScript =
    exportedOf (fun subject ->
        match Plan.make sources subject.Store sweep with
        | Ok plan -> { subject with Plan = Some plan }
        | Error problems -> failtest $"%A{problems}")

let private caption =
    [
        "Accuracy and ECE in percent on the test set after the last epoch, nothing selected; seeds: 2 or 1 with the 95 % t-interval of the mean."
        "Head, medium and tail by training images (over 100, 20 to 100, under 20)."
        "Harmonic: harmonic mean of the accuracies of classes, 0 as soon as one class is never right; worst: the lowest of them; n: seeds."
    ]

[<Tests>]
let tests =
    testList
        "export"
        [
            testCase "csv has a row a run, with the settings that differ by their paths" (fun () ->
                let expected =
                    """hash,Data.ImbalanceFactor,seed,accuracy,head,medium,tail,harmonic,worst,ece,seconds_per_epoch,memory_mib,timed,groups,state,reason
h0,2,0,0.5,0.5,0.5,0.5,0.5,0.5,0.125,2,56.5,TIMED,"training images (over 100, 20 to 100, under 20)",done,
h1,2,1,0.6,0.6,0.6,0.6,0.6,0.6,0.125,2,56.5,TIMED,"training images (over 100, 20 to 100, under 20)",done,
h2,4,0,0.75,0.75,0.75,0.75,0.75,0.75,0.125,2,56.5,TIMED,"training images (over 100, 20 to 100, under 20)",done,
"""

                Expect.equal (exported "csv") (expected.Replace("TIMED", Timing.words alone)) "csv")
            testCase "json has the same, with numbers as numbers" (fun () ->
                let rows = (JsonDocument.Parse(exported "json")).RootElement
                Expect.equal (rows.GetArrayLength()) 3 "rows"
                let first = rows[0]
                Expect.equal (first.GetProperty("hash").GetString()) "h0" "hash"
                Expect.equal (first.GetProperty("Data.ImbalanceFactor").GetDouble()) 2. "setting"
                Expect.equal (first.GetProperty("seed").GetInt64()) 0L "seed"
                Expect.equal (first.GetProperty("accuracy").GetDouble()) 0.5 "accuracy"
                Expect.equal (first.GetProperty("classes").GetArrayLength()) 4 "classes"
                let rare = first.GetProperty("classes")[3]

                Expect.equal
                    (rare.GetProperty("label").GetInt32(),
                     rare.GetProperty("name").GetString(),
                     rare.GetProperty("group").GetString(),
                     rare.GetProperty("images").GetInt32(),
                     rare.GetProperty("accuracy").ValueKind)
                    (1, "emu", "tail", 6, JsonValueKind.Null)
                    "a class by its name and its data set's number")
            testCase "what a run has no number of is empty in csv and null in json, not 0" (fun () ->
                inStoreOf [] pretraining (fun store plan ->
                    let run = plan.Runs.Head
                    Store.start store run Place.here
                    Store.finish store run.Hash (untrained (resultOnGpu 0.5 1.))
                    let rows = ExportRow.ofSubject (subjectOf store [])
                    let csv = (Export.writer "csv" rows []).Split '\n'
                    let cells = csv[1].Split ','
                    let json = (JsonDocument.Parse(Export.writer "json" rows [])).RootElement[0]

                    for name in [ "seconds_per_epoch"; "memory_mib" ] do
                        Expect.equal cells[Array.IndexOf(csv[0].Split ',', name)] "" name
                        Expect.equal (json.GetProperty(name).ValueKind) JsonValueKind.Null name))
            // Half width by hand: t(0.975, 1) = 12.706, standard error of {50, 60} = 5.
            testCase "md has a row a setting, with the interval over its seeds" (fun () ->
                let expected =
                    """| imbalance | all | head | medium | tail | harmonic | worst | ECE | n |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| 2 | 55.0 ± 63.5 | 55.0 ± 63.5 | 55.0 ± 63.5 | 55.0 ± 63.5 | 55.0 ± 63.5 | 55.0 ± 63.5 | 12.5 ± 0.0 | 2 |
| 4 | 75.0 | 75.0 | 75.0 | 75.0 | 75.0 | 75.0 | 12.5 | 1 |

"""
                    + String.concat "\n" caption
                    + "\n"

                Expect.equal (exportedOfScript "md") expected "of a script, by its axes"

                let ofStore =
                    expected
                        .Replace("| imbalance |", "| run |")
                        .Replace("\n| 2 |", "\n| imbalance 2 |")
                        .Replace("\n| 4 |", "\n| imbalance 4 |")

                Expect.equal (exported "md") ofStore "of a store, by the names of its runs")
            testCase "latex is the same table under booktabs" (fun () ->
                let expected =
                    @"\begin{tabular}{lrrrrrrrr}
\toprule
run & all & head & medium & tail & harmonic & worst & ECE & n \\
\midrule
imbalance 2 & 55.0 $\pm$ 63.5 & 55.0 $\pm$ 63.5 & 55.0 $\pm$ 63.5 & 55.0 $\pm$ 63.5 & 55.0 $\pm$ 63.5 & 55.0 $\pm$ 63.5 & 12.5 $\pm$ 0.0 & 2 \\
imbalance 4 & 75.0 & 75.0 & 75.0 & 75.0 & 75.0 & 75.0 & 12.5 & 1 \\
\bottomrule
\end{tabular}
"
                    + String.concat "" (caption |> List.map (sprintf "%% %s\n"))

                let exported, exportedOfScript =
                    let unmarked (text: string) =
                        text.Split("% Bold: ")
                        |> fun parts ->
                            Expect.hasLength (List.ofArray parts) 2 "what the marks mean, as a comment"
                            parts[0]

                    exported >> unmarked, exportedOfScript >> unmarked

                Expect.equal (exported "latex") expected "of a store"
                let ofScript = expected.Replace("imbalance ", "").Replace("run &", "imbalance &")
                Expect.equal (exportedOfScript "latex") ofScript "of a script")
            // Of two pairs half the width is 12.706 s / sqrt 2: the second differs from the first by 0.02 and -0.01, the third
            // by 0.3 and 0.31.
            testCase "latex has the best of a column in bold, and underlined what seeds do not tell from it" (fun () ->
                let rates = pretraining |> vary learningRate [ 0.01; 1e-5; 10. ] |> seeds [ 0; 1 ]

                inStoreOf [ 0.6; 0.62; 0.58; 0.63; 0.3; 0.31 ] rates (fun store _ ->
                    let rows =
                        ExportRow.ofSubject
                            { subjectOf store [] with
                                Plan = Some(planned store rates)
                            }

                    let text = Export.writer "latex" rows []

                    for line in
                        [
                            @"0.01 & \textbf{61.0 $\pm$ 12.7} & \textbf{61.0 $\pm$ 12.7} &"
                            @"1e-5 & \underline{60.5 $\pm$ 31.8} & \underline{60.5 $\pm$ 31.8} &"
                            @"10 & 30.5 $\pm$ 6.4 & 30.5 $\pm$ 6.4 &"
                        ] do
                        Expect.stringContains text $"\n{line}" "row"))
            testCase "csv and json of a script have its axes" (fun () ->
                Expect.stringStarts (exportedOfScript "csv") "hash,imbalance,seed,accuracy" "header"
                Expect.stringContains (exportedOfScript "csv") "\nh2,4,0,0.75," "row"
                let first = (JsonDocument.Parse(exportedOfScript "json")).RootElement[0]
                Expect.equal (first.GetProperty("imbalance").GetDouble()) 2. "a number")
            testCase "runs of other settings that were called alike stay apart" (fun () ->
                inStoreOf [ 0.5 ] pretraining (fun store _ ->
                    match Plan.make sources store (pretraining |> overriding epochs 7<epoch>) with
                    | Error problems -> failtest $"%A{problems}"
                    | Ok longer ->
                        let run = longer.Runs.Head
                        Store.start store run Place.here
                        Store.finish store run.Hash (result 0.75 1.)
                        let text = Export.writer "md" (ExportRow.ofSubject (subjectOf store [])) []
                        Expect.stringContains text "| pretraining, cosine 7<epoch> | 75.0" "in the words of a script"))
            testCase "rows of a store's sweeps have axis and experiment, and a frozen model has no seed" (fun () ->
                let rates = prompting |> vary learningRate [ 0.01; 0.02 ] |> seeds [ 0; 1 ]

                let lengths =
                    prompting
                    |> overriding loss crossEntropy
                    |> Sweep.map (fun e -> { e with Name = "lengths" })
                    |> vary epochs [ 7<epoch>; 8<epoch> ]

                inStoreOf [ 0.5; 0.6; 0.62; 0.65; 0.67 ] rates (fun store plan ->
                    for run in (planned store lengths).Runs do
                        if run.Result.IsNone then
                            Store.start store run Place.here
                            Store.finish store run.Hash (result 0.55 1.)

                    let rows = ExportRow.ofSubject (subjectOf store [])
                    let lines = (Export.writer "md" rows []).Split '\n'

                    for line in
                        [
                            "| prompting: learning rate 0.01 | 61.0 ± 12.7 |"
                            "| lengths: epochs 8 | 55.0 |"
                            "| frozen model: some, "
                            "Accuracy and ECE in percent on the test set after the last epoch; seeds: "
                        ] do
                        Expect.exists lines _.StartsWith(line) line

                    let frozen = lines |> Array.find _.StartsWith("| frozen model")
                    Expect.stringEnds frozen " | - |" "no number of seeds"
                    let ranked = lines |> Array.find _.StartsWith("Settings of each")

                    for words in
                        [
                            "prompting: learning rate 0.0"
                            " / prompting: learning rate 0.0"
                            "lengths: epochs 7"
                            "lengths: epochs 8"
                        ] do
                        Expect.stringContains ranked words "which methods"

                    let hash = plan.Runs.Head.Hash
                    let csv = (Export.writer "csv" rows []).Split '\n'
                    let columns = csv[0].Split ','
                    let cells = (csv |> Array.find _.StartsWith(hash)).Split ','
                    Expect.equal cells[Array.findIndex ((=) "seed") columns] "" "nor a seed"

                    let ofScript =
                        ExportRow.withFrozen
                            { subjectOf store [] with
                                Plan = Some(planned store rates)
                            }

                    let text = Export.writer "md" ofScript []
                    Expect.stringContains text "; seeds: 2 with" "those of what has some"))
            testCase "a store that has a seed of a setting twice gives each run, and no mean" (fun () ->
                inStoreOf [ 0.5 ] pretraining (fun store plan ->
                    let hash = plan.Runs.Head.Hash
                    let kept = Path.Combine(Store.folder store hash, "experiment.json")

                    // As another version's numerics name it.
                    let text =
                        File.ReadAllText(kept).Replace($"\"numerics\": {Identity.numerics}", "\"numerics\": 0")

                    use settings = JsonDocument.Parse text
                    let other = Store.folder store (Identity.hashOf settings.RootElement)
                    Directory.CreateDirectory other |> ignore

                    for file in Directory.GetFiles(Store.folder store hash) do
                        File.Copy(file, Path.Combine(other, string (Path.GetFileName file)))

                    File.WriteAllText(Path.Combine(other, "experiment.json"), text)
                    RunFolder.keepDigest other (Digest.ofFolder Kept.Run other)

                    let rows = ExportRow.ofSubject (subjectOf store [])
                    Expect.hasLength ((Export.writer "csv" rows []).Split '\n') 4 "header, two runs, end"

                    Expect.throwsC (fun () -> Export.writer "md" rows [] |> ignore) (fun e ->
                        Expect.stringContains e.Message ": seed 0 is there 2 times, as " "line")))
            testCase "a store without a finished run gives an empty table" (fun () ->
                inStoreOf [] pretraining (fun store _ ->
                    let rows = ExportRow.ofSubject (subjectOf store [])

                    for format in [ "csv"; "md"; "latex" ] do
                        Expect.equal (Export.writer format rows []) "" format

                    Expect.equal (Export.writer "json" rows []) "[]\n" "json"))
        ]

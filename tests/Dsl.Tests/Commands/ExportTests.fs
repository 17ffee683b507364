/// Finished runs as other programs and papers get them.
module LongTail.Tests.ExportTests

open System.Text.Json
open Expecto
open LongTail
open LongTail.Commands
open LongTail.Tests.Samples
open LongTail.Tests.StoreSamples

let private sweep = pretraining |> vary imbalance [ 2.; 4. ] |> seeds [ 0; 1 ]

/// The text in a format of three finished runs, their hashes by the names h0, h1, h2.
let private exported format =
    inStoreOf [ 0.5; 0.6; 0.75 ] sweep (fun store plan ->
        // A store goes by hashes; the golden text by the sweep.
        let subject = subjectOf store []

        let place hash =
            plan.Runs |> List.findIndex (fun run -> run.Hash = hash)

        let ordered =
            { subject with
                Entries = subject.Entries |> List.sortBy (fun entry -> place entry.Hash)
            }

        (Export.writer format (ExportRow.ofSubject ordered), List.indexed plan.Runs)
        ||> List.fold (fun text (index, run) -> text.Replace(run.Hash, $"h{index}")))

[<Tests>]
let tests =
    testList
        "export"
        [
            testCase "csv has a row a run, with the settings that differ by their paths" (fun () ->
                let expected =
                    """hash,Data.ImbalanceFactor,seed,accuracy,head,medium,tail,harmonic,worst,ece,seconds_per_epoch,memory_mib
h0,2,0,0.5,0.5,0.5,0.5,0.5,0.5,0.125,2,56.5
h1,2,1,0.6,0.6,0.6,0.6,0.6,0.6,0.125,2,56.5
h2,4,0,0.75,0.75,0.75,0.75,0.75,0.75,0.125,2,56.5
"""

                Expect.equal (exported "csv") expected "csv")
            testCase "json has the same, with numbers as numbers" (fun () ->
                let rows = (JsonDocument.Parse(exported "json")).RootElement
                Expect.equal (rows.GetArrayLength()) 3 "rows"
                let first = rows[0]
                Expect.equal (first.GetProperty("hash").GetString()) "h0" "hash"
                Expect.equal (first.GetProperty("Data.ImbalanceFactor").GetDouble()) 2. "setting"
                Expect.equal (first.GetProperty("seed").GetInt64()) 0L "seed"
                Expect.equal (first.GetProperty("accuracy").GetDouble()) 0.5 "accuracy")
            // Half width by hand: t(0.975, 1) = 12.706, standard error of {50, 60} = 5.
            testCase "md has a row a setting, with the interval over its seeds" (fun () ->
                let expected =
                    """| Data.ImbalanceFactor | all | head | medium | tail | harmonic | worst | ECE | n |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| 2 | 55.0 ± 63.5 | 55.0 ± 63.5 | 55.0 ± 63.5 | 55.0 ± 63.5 | 55.0 ± 63.5 | 55.0 ± 63.5 | 12.5 ± 0.0 | 2 |
| 4 | 75.0 | 75.0 | 75.0 | 75.0 | 75.0 | 75.0 | 12.5 | 1 |
"""

                Expect.equal (exported "md") expected "md")
            testCase "latex is the same table under booktabs" (fun () ->
                let expected =
                    @"\begin{tabular}{lrrrrrrrr}
\toprule
Data.ImbalanceFactor & all & head & medium & tail & harmonic & worst & ECE & n \\
\midrule
2 & 55.0 $\pm$ 63.5 & 55.0 $\pm$ 63.5 & 55.0 $\pm$ 63.5 & 55.0 $\pm$ 63.5 & 55.0 $\pm$ 63.5 & 55.0 $\pm$ 63.5 & 12.5 $\pm$ 0.0 & 2 \\
4 & 75.0 & 75.0 & 75.0 & 75.0 & 75.0 & 75.0 & 12.5 & 1 \\
\bottomrule
\end{tabular}
"

                Expect.equal (exported "latex") expected "latex")
            testCase "a store without a finished run gives an empty table" (fun () ->
                inStoreOf [] pretraining (fun store _ ->
                    let rows = ExportRow.ofSubject (subjectOf store [])
                    Expect.equal (Export.writer "csv" rows) "" "csv"
                    Expect.equal (Export.writer "json" rows) "[]\n" "json"))
        ]

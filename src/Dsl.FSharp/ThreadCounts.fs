namespace LongTail

open System.Text.Json
open LongTail.Core.Settings

/// The last bits of a run depend on its number of threads where libtorch's products train a whole backbone on the CPU.
module ThreadCounts =
    let private dependsOn (run: PlannedRun) =
        run.Settings.Model.Tuning = Tuning.Everything

    /// How many threads trained the run; None where a GPU did, or where its files do not tell.
    let private ofRun store (run: PlannedRun) =
        match StoredRun.readable Store.environment store run.Hash with
        | Ok environment ->
            let training = Provenance.training environment

            match training.TryGetProperty "Device", training.TryGetProperty "Threads" with
            | (true, device), (true, count) when string device = "cpu" && count.ValueKind = JsonValueKind.Number ->
                Some(count.GetInt32())
            | _ -> None
        | Error _ -> None

    /// In a sentence, that runs of a table were trained on different numbers of threads and that it shows; nothing
    /// where they were not, or where bits do not depend on it.
    let lines store plan (results: Map<string, LongTail.Core.Training.RunResult>) =
        let counts =
            Plan.asked plan
            |> List.filter (fun run -> results.ContainsKey run.Hash && dependsOn run)
            |> List.choose (ofRun store)
            |> List.distinct
            |> List.sort

        match counts with
        | []
        | [ _ ] -> []
        | several ->
            let several = several |> List.map string |> String.concat " and "

            [
                $"Trained on {several} threads (--threads, --workers): where a whole backbone is trained, last bits depend on that, and numbers may by some tenths of a point."
            ]

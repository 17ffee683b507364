namespace LongTail

open LongTail.Core.Settings
open LongTail.Core.Training

/// The last bits of a run depend on its number of threads where libtorch's products train a whole backbone on the CPU.
module ThreadCounts =
    /// The numbers of threads that a result's bits depend on; none where they depend on no number.
    let ofRun (settings: RunSettings) (result: RunResult) =
        [
            if settings.Model.Tuning = Tuning.Everything then
                for epoch in result.Epochs do
                    if epoch.Share.Device = "cpu" then
                        epoch.Share.Threads
        ]
        |> List.distinct

    /// In a sentence, that runs of a table were trained on different numbers of threads and that it shows; nothing
    /// where they were not, or where bits do not depend on it.
    let told (counts: int list) =
        match counts |> List.distinct |> List.sort with
        | []
        | [ _ ] -> []
        | several ->
            let several = several |> List.map string |> String.concat " and "

            [
                $"Trained on {several} threads (--threads, --workers): where a whole backbone is trained, last bits depend on that, and numbers may by some tenths of a point."
            ]

    /// The same of a plan's results.
    let lines plan (results: Map<string, RunResult>) =
        told
            [
                for run in Plan.asked plan do
                    match results.TryFind run.Hash with
                    | Some result -> yield! ofRun run.Settings result
                    | None -> ()
            ]

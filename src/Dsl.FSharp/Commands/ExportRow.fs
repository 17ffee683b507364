namespace LongTail.Commands

open System.Text.Json
open LongTail
open LongTail.Core.Training

/// A finished run as tables outside want it.
type ExportRow =
    {
        Hash: string
        /// What tells it apart from the others, its seed aside: an axis of the script, or the path of a setting, and
        /// the value.
        Names: (string * JsonElement option) list
        Seed: int64
        Result: RunResult
    }

module ExportRow =
    let private seed = "Seed"

    /// The finished ones of these runs, told apart by the settings that are not the same in all.
    let ofSubject subject =
        let finished =
            [
                for entry in subject.Entries do
                    match entry.State with
                    | Some(Done result) -> entry, Leaves.ofJson (Store.settings subject.Store entry.Hash), result
                    | _ -> ()
            ]

        let paths =
            finished
            |> List.map (fun (_, leaves, _) -> leaves)
            |> Leaves.differing
            |> List.filter ((<>) seed)

        [
            for entry, leaves, result in finished do
                let values = dict leaves

                {
                    Hash = entry.Hash
                    Names =
                        [
                            for path in paths ->
                                match values.TryGetValue path with
                                | true, value -> path, Some value
                                | _ -> path, None
                        ]
                    Seed = values[seed].GetInt64()
                    Result = result
                }
        ]

    /// The numbers of a run, as they are: accuracies and errors in [0, 1].
    let numbers rule (row: ExportRow) : (string * float option) list =
        let r = row.Result
        let groups = Report.groups rule r

        [
            "accuracy", Some r.Accuracy
            "head", Option.ofNullable groups.Head
            "medium", Option.ofNullable groups.Medium
            "tail", Option.ofNullable groups.Tail
            "harmonic", Some r.Harmonic
            "worst", Some r.Worst
            "ece", Option.ofNullable r.Calibration.ExpectedError
            "seconds_per_epoch", Some r.SecondsPerEpoch
            "memory_mib", Some r.PeakMemoryMiB
        ]

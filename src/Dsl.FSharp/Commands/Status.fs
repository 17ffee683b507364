namespace LongTail.Commands

open LongTail

/// How each run stands: a line a run, then their number.
module Status =
    /// In a word, and what there is to say of it.
    let private said store hash state =
        let more =
            match state with
            | Some(Done result) -> $"{Points.percent result.Accuracy} %%"
            | Some Running
            | Some Stopped ->
                let epochs = Decimals.counted (Store.epochs store hash) "epoch"
                $"{epochs} done"
            | other -> other |> Option.bind StoredRun.reason |> Option.defaultValue ""

        StoredRun.word state, more

    let lines subject =
        let names = Called.names subject.Store subject.Entries

        let said =
            subject.Entries
            |> List.map (fun entry -> entry, said subject.Store entry.Hash entry.State)

        let count =
            said
            |> List.countBy (snd >> fst)
            |> List.map (fun (word, count) -> $"{count} {word}")
            |> String.concat ", "

        [
            for entry, (word, more) in said do
                let short = word = "done"
                let figure, reason = if short then more, "" else "", more
                $"{entry.Hash}  {word, -8}{figure, 7}  {names[entry.Hash]}  {reason}".TrimEnd()
            let runs = Decimals.counted said.Length "run"

            $"{runs} in {subject.Store.Folder}"
            + (if said.IsEmpty then "" else $": {count}")
        ]

    /// The same for other programs.
    let json subject =
        Json.text
            {|
                Store = subject.Store.Folder
                Runs =
                    [
                        for entry in subject.Entries do
                            {|
                                Hash = entry.Hash
                                Experiment = entry.Experiment
                                Dataset = entry.Dataset
                                Label = entry.Label
                                State = StoredRun.word entry.State
                                Epochs =
                                    entry.State
                                    |> Option.map (fun _ -> Store.epochs subject.Store entry.Hash)
                                    |> Option.defaultValue 0
                                Accuracy =
                                    match entry.State with
                                    | Some(Done result) -> Some result.Accuracy
                                    | _ -> None
                                Reason = entry.State |> Option.bind StoredRun.reason
                            |}
                    ]
            |}

namespace LongTail.Commands

open LongTail

/// How each run stands: a line a run, then their number.
module Status =
    /// In a word, and what there is to say of it.
    let private said store hash state =
        let word = state |> Option.map StoredRun.word |> Option.defaultValue "to do"

        let more =
            match state with
            | Some(Done result) -> $"{100. * result.Accuracy:F1} %%"
            | Some(Failed failure) -> failure.Fault
            | Some(Damaged why) -> why
            | Some Running
            | Some Stopped ->
                let epochs = PlanTable.counted (Store.epochs store hash) "epoch"
                $"{epochs} done"
            | None -> ""

        word, more

    let lines subject =
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
                $"{entry.Hash}  {word, -8}{figure, 7}  {entry.Label}  {reason}".TrimEnd()
            let runs = PlanTable.counted said.Length "run"

            $"{runs} in {subject.Store.Folder}"
            + (if said.IsEmpty then "" else $": {count}")
        ]

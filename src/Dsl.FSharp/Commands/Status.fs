namespace LongTail.Commands

open LongTail

/// How each run stands: a line a run, then their number.
module Status =
    /// In a word, and what there is to say of it.
    let private said state =
        match state with
        | None -> "to do", ""
        | Some(Done result) -> "done", $"{100. * result.Accuracy:F1} %%"
        | Some Running -> "running", ""
        | Some Stopped -> "stopped", ""
        | Some(Failed failure) -> "failed", failure.Fault
        | Some(Damaged why) -> "damaged", why

    let lines subject =
        let said = subject.Entries |> List.map (fun entry -> entry, said entry.State)

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
            $"{said.Length} runs in {subject.Store.Folder}"
            + (if said.IsEmpty then "" else $": {count}")
        ]

namespace LongTail.Commands

open LongTail

/// Whether the files of finished runs hold the bytes that were written.
module Verify =
    let private faults store hash =
        match StoredRun.readable Store.verify store hash with
        | Ok faults -> faults
        | Error why -> [ why ]

    let private isEnded state =
        match state with
        | Some(Done _)
        | Some(Damaged _) -> true
        | _ -> false

    /// A line for each fault, with how many runs are whole; and whether all are.
    let lines subject =
        let ended, others =
            subject.Entries |> List.partition (fun entry -> isEnded entry.State)

        let damaged =
            [
                for entry in ended do
                    match faults subject.Store entry.Hash with
                    | [] -> ()
                    | faults -> entry, faults
            ]

        let whole = ended.Length - damaged.Length
        let unfinished = PlanTable.counted others.Length "other run"

        [
            for entry, faults in damaged do
                for fault in faults do
                    $"{entry.Hash}  damaged  {entry.Label}  {fault}"
            $"{whole} of {ended.Length} finished runs in {subject.Store.Folder} are whole; {unfinished} not finished"
            if not damaged.IsEmpty then
                $"`longtail run` of their scripts makes damaged runs anew; `longtail gc {subject.Store.Folder} --yes` removes them"
        ],
        damaged.IsEmpty

namespace LongTail.Commands

open LongTail

/// Whether the files of finished runs hold the bytes that were written.
module Verify =
    let private faults kept store hash =
        let look there =
            Store.folder there >> RunFolder.verify kept

        match StoredRun.readable look store hash with
        | Ok faults -> faults
        | Error why -> [ why ]

    let private isEnded state =
        match state with
        | Some(Done _)
        | Some(Damaged _) -> true
        | _ -> false

    let private ofTrainings subject =
        let there = Store.trainings subject.Store

        [
            for training in subject.Trainings do
                match StoredTraining.state subject.Store training with
                | TrainingState.Unfinished -> ()
                | _ -> training, faults Kept.Training there training
        ]

    /// A line for each fault, with how many runs and trainings are whole; and whether there are some and all are.
    let lines subject =
        let ended, others =
            subject.Entries |> List.partition (fun entry -> isEnded entry.State)

        let damaged =
            [
                for entry in ended do
                    match faults Kept.Run subject.Store entry.Hash with
                    | [] -> ()
                    | faults -> entry, faults
            ]

        let trainings = ofTrainings subject

        let harmed = trainings |> List.filter (fun (_, faults) -> not faults.IsEmpty)

        let whole = ended.Length - damaged.Length
        let isWhole = damaged.IsEmpty && harmed.IsEmpty
        let isAny = not (ended.IsEmpty && trainings.IsEmpty)
        let unfinished = Decimals.counted others.Length "other run"

        [
            for entry, faults in damaged do
                for fault in faults do
                    $"{entry.Hash}  damaged  {entry.Label}  {fault}"
            for training, faults in harmed do
                for fault in faults do
                    $"{training}  damaged  training  {fault}"
            if isAny then
                $"{whole} of {ended.Length} finished runs and {trainings.Length - harmed.Length} of {trainings.Length} trainings in {subject.Store.Folder} are whole; {unfinished} not finished"
            else
                $"no run in {subject.Store.Folder} is finished, so there is nothing to verify; {unfinished} not finished"
            if not isWhole then
                $"`longtail gc {subject.Store.Folder} --yes` removes what is damaged; `longtail run` of a script makes anew what the script asks for"
        ],
        isAny && isWhole

namespace LongTail.Commands

open System.IO
open LongTail
open LongTail.Core.Files

/// What a store can do without: runs and trainings that did not end, and checkpoints of trainings that did.
type Garbage =
    | DeadRun of hash: string * why: string
    | DeadTraining of training: string * why: string
    | SpentCheckpoint of training: string * bytes: int64

module Garbage =
    /// Trainings of runs that have no result.
    let private needed subject =
        set
            [
                for entry in subject.Entries do
                    match entry.State with
                    | Some(Done _) -> ()
                    | _ -> entry.Training
            ]

    let find checkpoints subject =
        [
            for { Hash = hash; State = state } in subject.Entries do
                match state with
                | Some Stopped -> DeadRun(hash, "stopped")
                | Some(Failed failure) -> DeadRun(hash, $"failed: {failure.Fault}")
                | Some(Damaged why) -> DeadRun(hash, $"damaged: {why}")
                | _ -> ()
            let needed = needed subject

            for training in subject.Trainings do
                if not (RunLock.isHeld (Store.trainings subject.Store) training) then
                    match StoredTraining.state subject.Store training with
                    | TrainingState.Unfinished -> DeadTraining(training, "not ended")
                    | TrainingState.Damaged why -> DeadTraining(training, $"damaged: {why}")
                    | TrainingState.Whole when checkpoints && not (needed.Contains training) ->
                        SpentCheckpoint(training, FileInfo(Store.checkpoint subject.Store training).Length)
                    | _ -> ()
        ]

    /// How many checkpoints runs that are to do are evaluated from, in a line, where there are any.
    let kept subject =
        let some =
            needed subject
            |> Set.filter (fun training -> StoredTraining.state subject.Store training = TrainingState.Whole)

        if some.IsEmpty then
            []
        else
            let checkpoints = Decimals.counted some.Count "checkpoint"
            [ $"{checkpoints} kept, which runs that are to do are evaluated from" ]

    let private size bytes =
        if bytes < 10_000_000L then
            $"{bytes / 1024L} KiB"
        else
            Cost.memory (float bytes / 1048576.)

    let line garbage =
        match garbage with
        | DeadRun(hash, why) -> $"{hash}  {why}"
        | DeadTraining(training, why) -> $"{training}  training, {why}"
        | SpentCheckpoint(training, bytes) -> $"{training}  checkpoint of a finished training, {size bytes}"

    /// What the checkpoints among these take together, in a line, where there are any.
    let total found =
        match
            found
            |> List.choose (function
                | SpentCheckpoint(_, bytes) -> Some bytes
                | DeadRun _
                | DeadTraining _ -> None)
        with
        | [] -> []
        | sizes ->
            let checkpoints = Decimals.counted sizes.Length "checkpoint"
            [ $"{checkpoints}, {size (List.sum sizes)} together" ]

    /// False where another process holds the run or the training.
    let remove store garbage =
        match garbage with
        | DeadRun(hash, _) -> StoredRun.remove store hash
        | DeadTraining(training, _) -> StoredRun.remove (Store.trainings store) training
        | SpentCheckpoint(training, _) ->
            match StoredTraining.tryTake store training with
            | Some held ->
                use _ = held
                let file = Store.checkpoint store training
                Writing.At(file, (fun () -> File.Delete file))
                true
            | None -> false

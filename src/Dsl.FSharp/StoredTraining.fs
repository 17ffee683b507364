namespace LongTail

open System.IO
open System.Text.Json

/// What a store has of a training.
[<RequireQualifiedAccess>]
type TrainingState =
    /// To its end, with the values that it came to.
    | Whole
    /// To its end; its checkpoint was removed.
    | Spent
    /// Not begun, or not ended.
    | Unfinished
    /// Its files are not what was written: in a line, why.
    | Damaged of string

/// The trained values of runs, under the name of all that determines them: runs that differ only in how they are judged
/// share them.
module StoredTraining =
    /// At a glance: the bytes of a checkpoint are not read.
    let state store training =
        let look there training =
            let folder = Store.folder there training
            RunFolder.ensureNamed Kept.Training folder

            match RunFolder.digest folder with
            | None -> TrainingState.Unfinished
            | Some _ ->
                match RunFolder.faults Kept.Training folder with
                | fault :: _ -> TrainingState.Damaged fault
                | [] when File.Exists(Store.checkpoint store training) -> TrainingState.Whole
                | [] -> TrainingState.Spent

        match StoredRun.readable look (Store.trainings store) training with
        | Ok state -> state
        | Error why -> TrainingState.Damaged why

    /// Where it took place, and for which run.
    let environment store training : JsonElement =
        Store.environment (Store.trainings store) training

    /// None where another one holds it. Let go of it by Dispose.
    let tryTake store training =
        RunLock.tryTake (Store.trainings store) training

    /// Where the training of this run took place, if it has ended and its files hold the bytes that they had; None where
    /// it is going to take place here.
    let ready store (run: PlannedRun) place =
        let there, name = Store.trainings store, PlannedRun.training run

        let begun () =
            Store.startAt there name (Provenance.now place run None)
            None

        let anew fault =
            Store.clear there name fault
            begun ()

        match state store name with
        | TrainingState.Whole ->
            match RunFolder.verify Kept.Training (Store.folder there name) with
            | [] -> Some(environment store name)
            | fault :: _ -> anew fault
        | TrainingState.Damaged fault -> anew fault
        | TrainingState.Spent
        | TrainingState.Unfinished -> begun ()

    /// Says that it has come to its end.
    let finish store training =
        let there = Store.trainings store

        if File.Exists(Store.checkpoint store training) then
            Digest.ofFolder Kept.Training (Store.folder there training)
            |> RunFolder.keepDigest (Store.folder there training)

        Store.log there training "is done"

namespace LongTail

open System.IO
open System.Text.Json
open LongTail.Core
open LongTail.Core.Files
open LongTail.Core.Training

/// What a store says of a run.
type RunState =
    | Done of RunResult
    /// Under way, in this process or another.
    | Running
    | Failed of Failure
    /// Begun, not ended and not under way: it goes on where it is asked for again.
    | Stopped
    /// Its files cannot be read; in a line, why and what to do.
    | Damaged of string

/// A run as it stands in a store, whatever script asked for it.
type StoredRun =
    {
        Hash: string
        /// The name of its training; empty where its files do not tell.
        Training: string
        /// The name of the experiment that asked for it first.
        Experiment: string
        Label: string
        /// The name of the data set.
        Dataset: string
        State: RunState
    }

module StoredRun =
    let private state store hash =
        match Store.result store hash with
        | Some result -> Done result
        | None ->
            if RunLock.isHeld store hash then
                Running
            else
                match Store.failure store hash with
                | Some failure -> Failed failure
                | None -> Stopped

    /// What is read of a run, or why it cannot be.
    let attempt look store hash =
        try
            Ok(look store hash)
        with :? InputException as e ->
            Error e

    /// The same, in a line why not.
    let readable look store hash =
        attempt look store hash |> Result.mapError _.Message

    /// A run by its hash.
    let find store hash =
        let environment = readable Store.environment store hash
        let state = readable state store hash

        let text (name: string) =
            match environment |> Result.map _.TryGetProperty(name) with
            | Ok(true, found) -> string found
            | _ -> ""

        {
            Hash = hash
            Training = text "Training"
            Experiment = text "Experiment"
            Label = text "Label"
            Dataset = text "Dataset"
            State =
                match environment, state with
                | Ok _, Ok state -> state
                | Error why, _
                | _, Error why -> Damaged why
        }

    /// How a run that a script asks for stands; None where the store knows nothing of it.
    let known store hash =
        if Directory.Exists(Store.folder store hash) then
            Some (find store hash).State
        else
            None

    /// The same in a word.
    let word state =
        match state with
        | None -> "to do"
        | Some(Done _) -> "done"
        | Some Running -> "running"
        | Some(Failed _) -> "failed"
        | Some Stopped -> "stopped"
        | Some(Damaged _) -> "damaged"

    /// Why a run has no result that can be taken; None where it is done, or may still come to one.
    let reason state =
        match state with
        | Failed failure -> Some failure.Fault
        | Damaged why -> Some why
        | Done _
        | Running
        | Stopped -> None

    /// Every run of the store, in the order of their hashes.
    let all store =
        Store.hashes store
        |> Array.ofList
        |> Array.Parallel.map (find store)
        |> List.ofArray

    let private removeOwn store hash =
        match RunLock.tryTake store hash with
        | None -> false
        | Some held ->
            use _ = held
            let folder = Store.folder store hash
            Writing.At(folder, (fun () -> Directory.Delete(folder, true)))
            true

    /// Removes a run, or the link that stands in its place; false where it is under way.
    let remove store hash =
        let folder = Store.folder store hash

        if RunFolder.isLink folder then
            Writing.At(folder, (fun () -> Directory.Delete folder))
            true
        else
            removeOwn store hash

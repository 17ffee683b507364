namespace LongTail.Commands

open System.IO
open System.Text.RegularExpressions
open LongTail

/// What a store can do without: runs that did not end, and checkpoints of runs that did.
type Garbage =
    | DeadRun of hash: string * why: string
    | SpentCheckpoint of hash: string

module Garbage =
    // A folder that no run made is nobody's garbage.
    let private isRun (hash: string) = Regex.IsMatch(hash, "^[0-9a-f]{12}$")

    let find checkpoints subject =
        [
            for { Hash = hash; State = state } in subject.Entries do
                if isRun hash then
                    match state with
                    | Some Stopped -> DeadRun(hash, "stopped")
                    | Some(Failed failure) -> DeadRun(hash, $"failed: {failure.Fault}")
                    | Some(Damaged why) -> DeadRun(hash, $"damaged: {why}")
                    | Some(Done _) when checkpoints && File.Exists(Store.checkpoint subject.Store hash) ->
                        SpentCheckpoint hash
                    | _ -> ()
        ]

    let line garbage =
        match garbage with
        | DeadRun(hash, why) -> $"{hash}  {why}"
        | SpentCheckpoint hash -> $"{hash}  checkpoint of a finished run"

    /// False where another process holds the run.
    let remove store garbage =
        match garbage with
        | DeadRun(hash, _) -> StoredRun.remove store hash
        | SpentCheckpoint hash ->
            match RunLock.tryTake store hash with
            | Some held ->
                use _ = held
                File.Delete(Store.checkpoint store hash)
                true
            | None -> false

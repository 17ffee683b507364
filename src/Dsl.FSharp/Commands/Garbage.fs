namespace LongTail.Commands

open System.IO
open System.Text.RegularExpressions
open LongTail
open LongTail.Core.Files

/// What a store can do without: runs that did not end, and checkpoints of runs that did.
type Garbage =
    | DeadRun of hash: string * why: string
    | SpentCheckpoint of hash: string * bytes: int64

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
                    | Some(Done _) when checkpoints ->
                        let file = FileInfo(Store.checkpoint subject.Store hash)

                        if file.Exists then
                            SpentCheckpoint(hash, file.Length)
                    | _ -> ()
        ]

    let private size bytes =
        if bytes < 10_000_000L then
            $"{bytes / 1024L} KiB"
        else
            Cost.memory (float bytes / 1048576.)

    let line garbage =
        match garbage with
        | DeadRun(hash, why) -> $"{hash}  {why}"
        | SpentCheckpoint(hash, bytes) -> $"{hash}  checkpoint of a finished run, {size bytes}"

    /// What the checkpoints among these take together, in a line, where there are any.
    let total found =
        match
            found
            |> List.choose (function
                | SpentCheckpoint(_, bytes) -> Some bytes
                | DeadRun _ -> None)
        with
        | [] -> []
        | sizes ->
            let checkpoints = PlanTable.counted sizes.Length "checkpoint"
            [ $"{checkpoints}, {size (List.sum sizes)} together" ]

    /// False where another process holds the run.
    let remove store garbage =
        match garbage with
        | DeadRun(hash, _) -> StoredRun.remove store hash
        | SpentCheckpoint(hash, _) ->
            match RunLock.tryTake store hash with
            | Some held ->
                use _ = held
                let file = Store.checkpoint store hash
                Writing.At(file, (fun () -> File.Delete file))
                true
            | None -> false

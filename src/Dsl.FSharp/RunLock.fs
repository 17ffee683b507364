namespace LongTail

open System
open System.IO
open LongTail.Core.Files

/// Keeps a run to one process and one worker. The system lets go of the lock when its holder ends, however it ends. (On
/// a network file system that has no locks, nothing is kept.)
module RunLock =
    /// EWOULDBLOCK, which .NET hands on as it is.
    let private heldElsewhere (e: IOException) = e.HResult = 11

    let private file store hash =
        Path.Combine(Store.folder store hash, "lock")

    let private opened (path: string) mode access : IDisposable option =
        try
            string (Path.GetDirectoryName path) |> Directory.CreateDirectory |> ignore
            Some(new FileStream(path, mode, access, FileShare.None))
        with
        | :? IOException as e when heldElsewhere e -> None
        | :? IOException
        | :? UnauthorizedAccessException as e -> raise (Writing.Fault(path, e))

    /// None where another one holds it. Let go of it by Dispose.
    let tryTake store hash =
        RunFolder.ensureOwn (Store.folder store hash)
        opened (file store hash) FileMode.OpenOrCreate FileAccess.ReadWrite

    /// Whether someone holds it at this moment; leaves no trace.
    let isHeld store hash =
        let file = file store hash

        File.Exists file
        && (match opened file FileMode.Open FileAccess.Read with
            | Some free ->
                free.Dispose()
                false
            | None -> true)

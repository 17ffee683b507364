/// Data sets' files as the official archives have them, made small.
module LongTail.Tests.DataFiles

open System
open System.IO
open System.IO.Compression
open LongTail.Tests.TempFolder

/// Runs the body with the path of a folder that holds these files.
let inFolderOf (files: (string * byte[]) list) body =
    inTempFolder (fun folder ->
        for name, bytes in files do
            let path = Path.Combine(folder, name)
            Directory.CreateDirectory(Path.Combine(path, "..")) |> ignore
            File.WriteAllBytes(path, bytes)

        body folder)

let private bigEndian (number: int) =
    BitConverter.GetBytes number |> Array.rev

/// An IDX file of unsigned bytes.
let idx (sizes: int list) (values: byte[]) =
    Array.concat
        [
            [| 0uy; 0uy; 8uy; byte sizes.Length |]
            yield! List.map bigEndian sizes
            values
        ]

let gzip (bytes: byte[]) =
    use packed = new MemoryStream()

    using (new GZipStream(packed, CompressionMode.Compress)) (fun stream -> stream.Write bytes)
    packed.ToArray()

/// A CIFAR row: labels, then 3072 bytes that count up from i.
let row (head: byte list) i =
    Array.append (Array.ofList head) (Array.init 3072 (fun p -> byte ((p + i) % 256)))

let cifar100 (fine: byte list) =
    fine |> List.mapi (fun i label -> row [ 0uy; label ] i) |> Array.concat

let cifar10 (labels: byte list) =
    labels |> List.mapi (fun i label -> row [ label ] i) |> Array.concat

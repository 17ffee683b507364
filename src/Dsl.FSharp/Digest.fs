namespace LongTail

open System
open System.IO
open System.Security.Cryptography

/// Length and SHA-256 of a file, in lower-case hex.
type FileDigest = { Bytes: int64; Sha256: string }

/// What a run's files were when it ended, by their names.
type Digest = Map<string, FileDigest>

/// What a folder of a store is of.
[<RequireQualifiedAccess>]
type Kept =
    | Run
    | Training

module Digest =
    // The log goes on after a run's end, and tells no number.
    let private needed kept =
        match kept with
        | Kept.Run -> [ "experiment.json"; "environment.json"; "metrics.jsonl"; "result.json" ]
        | Kept.Training -> [ "environment.json"; "checkpoint.safetensors" ]

    let private later = [ "surface.json" ]

    /// What a store can do without, or gets later: their absence is no damage. No table is made of them, and a checkpoint
    /// may be large.
    let private aside = set ("checkpoint.safetensors" :: later)

    let ofBytes (bytes: byte array) =
        {
            Bytes = bytes.LongLength
            Sha256 = Convert.ToHexStringLower(SHA256.HashData bytes)
        }

    let private ofFile (path: string) =
        use stream = File.OpenRead path

        {
            Bytes = stream.Length
            Sha256 = Convert.ToHexStringLower(SHA256.HashData stream)
        }

    /// Of the files that lie in a folder when its run, or its training, ends.
    let ofFolder kept folder : Digest =
        Map
            [
                for name in needed kept do
                    let path = Path.Combine(folder, name)

                    if File.Exists path then
                        name, ofFile path
            ]

    /// Of the files that lie in a run's folder and the result that ends it.
    let ofRun folder (result: byte array) =
        ofFolder Kept.Run folder |> Map.add "result.json" (ofBytes result)

    /// What a digest must tell of and does not, or tells of that is no file of its folder, a line each.
    let private gaps kept folder (digest: Digest) =
        let needed = needed kept

        let there =
            later |> List.filter (fun name -> File.Exists(Path.Combine(folder, name)))

        let untold = needed @ there |> List.filter (digest.ContainsKey >> not)

        let strange =
            digest.Keys
            |> Seq.filter (fun name -> not (List.contains name (needed @ later)))

        let line what names =
            if Seq.isEmpty names then
                []
            else
                let names = String.concat ", " names
                [ $"""{Path.Combine(folder, "digest.json")} {what} {names}""" ]

        line "tells nothing of" untold
        @ line "tells of what is no file of its folder:" strange

    /// What `fault` finds wrong with the files, a line each.
    let private faults fault kept folder (digest: Digest) =
        match gaps kept folder digest with
        | [] ->
            [
                for KeyValue(name, ended) in digest do
                    let path = Path.Combine(folder, name)

                    if File.Exists path then
                        yield! Option.toList (fault name path ended)
                    elif not (aside.Contains name) then
                        $"{path} is missing"
            ]
        | gaps -> gaps

    let private ofLength (path: string) ended =
        let length = FileInfo(path).Length

        if length = ended.Bytes then
            None
        else
            Some $"{path} has {length} bytes, and had {ended.Bytes} when its run ended"

    let private ofContent (path: string) ended =
        ofLength path ended
        |> Option.orElseWith (fun () ->
            if ofFile path = ended then
                None
            else
                Some $"{path} holds other bytes than when its run ended")

    /// Files that are missing, untold or others than they were, a line each; checkpoints and surfaces by their lengths
    /// alone.
    let glance kept folder digest =
        faults (fun name -> if aside.Contains name then ofLength else ofContent) kept folder digest

    /// The same by all bytes.
    let contents kept folder digest =
        faults (fun _ -> ofContent) kept folder digest

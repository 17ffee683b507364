namespace LongTail

open System
open System.IO
open System.Security.Cryptography

/// Length and SHA-256 of a file, in lower-case hex.
type FileDigest = { Bytes: int64; Sha256: string }

/// What a run's files were when it ended, by their names.
type Digest = Map<string, FileDigest>

module Digest =
    // The log goes on after a run's end, and tells no number.
    let private runFiles = [ "experiment.json"; "environment.json"; "metrics.jsonl" ]

    let private trainingFiles = [ "environment.json"; "checkpoint.safetensors" ]

    /// What a store can do without, or gets later: their absence is no damage. No table is made of them, and a checkpoint
    /// may be large.
    let private aside = set [ "checkpoint.safetensors"; "surface.json" ]

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

    let private ofFiles folder names : Digest =
        Map
            [
                for name in names do
                    let path = Path.Combine(folder, name)

                    if File.Exists path then
                        name, ofFile path
            ]

    /// Of the files that lie in a run's folder and the one that ends it.
    let ofRun folder name (bytes: byte array) =
        ofFiles folder runFiles |> Map.add name (ofBytes bytes)

    /// Of the files that lie in a training's folder.
    let ofTraining folder = ofFiles folder trainingFiles

    /// What `fault` finds wrong with the files, a line each.
    let private faults fault folder (digest: Digest) =
        [
            for KeyValue(name, kept) in digest do
                let path = Path.Combine(folder, name)

                if File.Exists path then
                    yield! Option.toList (fault name path kept)
                elif not (aside.Contains name) then
                    $"{path} is missing"
        ]

    let private ofLength (path: string) kept =
        let length = FileInfo(path).Length

        if length = kept.Bytes then
            None
        else
            Some $"{path} has {length} bytes, and had {kept.Bytes} when its run ended"

    let private ofContent (path: string) kept =
        ofLength path kept
        |> Option.orElseWith (fun () ->
            if ofFile path = kept then
                None
            else
                Some $"{path} holds other bytes than when its run ended")

    /// Files that are missing or others than they were, a line each; checkpoints and surfaces by their lengths alone.
    let glance folder digest =
        faults (fun name -> if aside.Contains name then ofLength else ofContent) folder digest

    /// The same by all bytes.
    let contents folder digest =
        faults (fun _ -> ofContent) folder digest

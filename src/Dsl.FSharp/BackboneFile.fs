namespace LongTail

open System
open System.IO
open System.Security.Cryptography
open LongTail.Core
open LongTail.Core.Files
open LongTail.Core.Models

/// What the language has to know of a file of pretrained values.
type BackboneFile =
    {
        /// SHA-256 in lower-case hex.
        ContentHash: string
        InputSide: int
        PatchSize: int
        Pretraining: Pretraining
    }

module BackboneFile =
    let private read (file: string) =
        try
            use stream = File.OpenRead file
            let shape = Backbone.ShapeOf file
            use opened = Safetensors.Read file

            Ok
                {
                    ContentHash = Convert.ToHexStringLower(SHA256.HashData stream)
                    InputSide = shape.InputSide
                    PatchSize = shape.PatchSize
                    Pretraining = Pretraining.told (FileInfo(file).Name) opened.Metadata
                }
        with
        | :? InputException as e -> Error e.Message
        | :? FileNotFoundException
        | :? DirectoryNotFoundException -> Error $"there is no such file in {Directory.GetCurrentDirectory()}"
        | :? IOException
        | :? UnauthorizedAccessException as e -> Error e.Message

    /// A reader that looks into every file once, however many experiments name it.
    let reader () =
        let seen = Collections.Generic.Dictionary<string, Result<BackboneFile, string>>()

        fun file ->
            match seen.TryGetValue file with
            | true, known -> known
            | _ ->
                let found = read file
                seen[file] <- found
                found

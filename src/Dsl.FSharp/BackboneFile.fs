namespace LongTail

open System.IO
open LongTail.Core
open LongTail.Core.Files
open LongTail.Core.Models

/// What the language has to know of a file of pretrained values.
type BackboneFile =
    {
        /// Where it lies.
        File: string
        /// SHA-256 in lower-case hex.
        ContentHash: string
        InputSide: int
        PatchSize: int
        Pretraining: Pretraining
    }

module BackboneFile =
    let read (file: string) =
        if File.Exists file then
            try
                let shape = Backbone.ShapeOf file
                use opened = Safetensors.Read file

                Ok
                    {
                        File = file
                        ContentHash = ContentHash.Of file
                        InputSide = shape.InputSide
                        PatchSize = shape.PatchSize
                        Pretraining = Pretraining.told (FileInfo(file).Name) opened.Metadata
                    }
            with :? InputException as e ->
                Error e.Message
        else
            Error $"there is no such file in {Directory.GetCurrentDirectory()}"

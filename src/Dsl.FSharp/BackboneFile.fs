namespace LongTail

open System.IO
open LongTail.Core
open LongTail.Core.Files
open LongTail.Core.Models
open LongTail.Core.Settings

/// What the language has to know of a file of pretrained values.
type BackboneFile =
    {
        /// Where it lies.
        File: string
        /// SHA-256 in lower-case hex.
        ContentHash: string
        InputSide: int
        PatchSize: int
        /// None where the file leaves it open.
        Activation: Activation option
        Pretraining: Pretraining
    }

module BackboneFile =
    let read (file: string) =
        if File.Exists file then
            try
                use opened = WeightsFile.Open file

                Ok
                    {
                        File = file
                        ContentHash = ContentHash.Of file
                        InputSide = opened.Sizes.InputSide
                        PatchSize = opened.Sizes.PatchSize
                        Activation = Option.ofNullable opened.ToldActivation
                        Pretraining = Pretraining.told (FileInfo(file).Name) opened.IsClip opened.Metadata
                    }
            with :? InputException as e ->
                Error e.Message
        else
            Error $"there is no such file in {Directory.GetCurrentDirectory()}"

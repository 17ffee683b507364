namespace LongTail

open LongTail.Core
open LongTail.Core.Models
open LongTail.Core.Settings

/// What the language has to know of a file of pretrained values.
type BackboneFile =
    {
        /// Where it lies.
        File: string
        /// SHA-256 in lower-case hex, of all shards where there are several.
        ContentHash: string
        /// In pixels: of the images that it was trained with, else that its positions were made for.
        InputSide: int
        PatchSize: int
        Width: int
        /// As metadata or config.json tell them.
        ToldHeads: int option
        /// What metadata say of the heads where that is no number.
        UnreadHeads: string option
        /// Of the published models of its sizes, where those leave no doubt.
        PublishedHeads: int option
        Pooling: Pooling
        /// None where the file leaves it open.
        Activation: Activation option
        Pretraining: Pretraining
    }

module BackboneFile =
    /// Attention heads, by who knows best; None where nobody knows.
    let heads (model: Model) file =
        file.ToldHeads |> Option.orElse model.Heads |> Option.orElse file.PublishedHeads

    let read (file: string) =
        try
            use opened = WeightsFile.Open file

            let side =
                Option.ofNullable opened.Config.Side
                |> Option.filter (fun side -> side % opened.PatchSize = 0)

            Ok
                {
                    File = file
                    ContentHash = opened.ContentHash
                    InputSide = side |> Option.defaultValue opened.InputSide
                    PatchSize = opened.PatchSize
                    Width = opened.Width
                    ToldHeads = Option.ofNullable opened.ToldHeads
                    UnreadHeads = Option.ofObj opened.UnreadHeads
                    PublishedHeads = Option.ofNullable opened.PublishedHeads
                    Pooling = opened.Pooling
                    Activation = Option.ofNullable opened.ToldActivation
                    Pretraining = Pretraining.of' opened
                }
        with :? InputException as e ->
            Error e.Message

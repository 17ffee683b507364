namespace LongTail

open System.Collections.Generic
open System.Text.RegularExpressions
open LongTail.Core.Models
open LongTail.Core.Settings

/// What a backbone has learnt before the experiment, as far as its file says so beyond doubt.
type Pretraining =
    {
        Data: string option
        /// Of the pixels that it has learnt from.
        Normalisation: Normalisation option
    }

module Pretraining =
    /// What timm's names end in or begin with, the larger set first where a name tells of fine-tuning too. A bare
    /// `vit_base_patch16_224` has stood for several trainings, so it tells nothing.
    let private sets =
        [
            "in21k|in22k", "ImageNet-21k"
            "in12k", "ImageNet-12k"
            "in1k|^deit", "ImageNet-1k"
            "lvd142m|dinov2", "LVD-142M, and with it ImageNet-22k"
            "openai", "OpenAI's 400 million pairs of image and text"
            "laion2b", "LAION-2B"
            "laion400m", "LAION-400M"
        ]

    let private half =
        {
            Mean = Rgb(0.5, 0.5, 0.5)
            Deviation = Rgb(0.5, 0.5, 0.5)
        }

    /// From a file's name, where it is timm's, and from its metadata, which `saveBackbone` writes.
    let told (fileName: string) isClip (metadata: IReadOnlyDictionary<string, string>) =
        let has (pattern: string) = Regex.IsMatch(fileName, pattern)

        {
            Data =
                match metadata.TryGetValue "data" with
                | true, data -> Some data
                | _ -> sets |> List.tryFind (fst >> has) |> Option.map snd
            Normalisation =
                if isClip then
                    Some(if has "large_patch14.*laion2b" then half else clip)
                elif has "^deit|dinov2" then
                    Some imageNet
                elif has "^vit_.*augreg" then
                    Some half
                else
                    None
        }

    /// As the file tells it, and before its name what lies beside it.
    let of' (file: WeightsFile) =
        let byName = told file.Name file.IsClip file.Metadata

        match Option.ofNullable file.Statistics with
        | Some(struct (mean, deviation)) ->
            { byName with
                Normalisation = Some { Mean = mean; Deviation = deviation }
            }
        | None -> byName

    /// Whether these are the pixel statistics that it has learnt from, but for their last digits; true where nothing tells them.
    let isNormalised (normalisation: Normalisation) pretraining =
        let near (a: Rgb) (b: Rgb) =
            [ a.Red, b.Red; a.Green, b.Green; a.Blue, b.Blue ]
            |> List.forall (fun (a, b) -> abs (a - b) < 1e-3)

        pretraining.Normalisation
        |> Option.forall (fun own -> near own.Mean normalisation.Mean && near own.Deviation normalisation.Deviation)

    /// Whether the backbone has learnt from the set itself, or from an ImageNet, which has many of CIFAR's classes.
    let covers dataset pretraining =
        let learnt (name: string) =
            pretraining.Data
            |> Option.exists (fun data -> Regex.IsMatch(data, $@"\b{name}\b"))

        match dataset.Source with
        | :? PublishedImages as published ->
            match published.Set with
            | ImageSet.FashionMnist -> learnt "Fashion-MNIST"
            | ImageSet.Cifar10 -> learnt "CIFAR-10" || learnt "ImageNet"
            | ImageSet.Cifar100 -> learnt "CIFAR-100" || learnt "ImageNet"
            | ImageSet.ImageNetLt -> learnt "ImageNet"
            | ImageSet.PlacesLt -> learnt "Places"
            | ImageSet.INaturalist2018 -> learnt "iNaturalist"
            | _ -> false
        | _ -> false

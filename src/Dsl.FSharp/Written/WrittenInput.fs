namespace LongTail

open LongTail.Core.Settings
open LongTail.Spelling

/// What an input's settings are called in a script.
module internal WrittenInput =
    let private transform (settings: TransformSettings) =
        match settings with
        | :? RandomCrop as t -> Transform.Crop t.Padding
        | :? RandomResizedCrop as t -> Transform.RandomResizedCrop(t.Side, t.SmallestArea, t.LargestAspect)
        | :? RandomFlip -> Transform.Flip
        | :? AutoAugment as t -> Transform.AutoAugment t.Policy
        | :? RandAugment as t -> Transform.RandAugment(t.Operations, t.Magnitude)
        | :? ColourJitter as t -> Transform.ColourJitter(t.Brightness, t.Contrast, t.Saturation)
        | :? Cutout as t -> Transform.Cutout t.Side
        | :? Resize as t -> Transform.Resize t.Side
        | :? ResizeShort as t -> Transform.ResizeShort t.Side
        | :? CentreCrop as t -> Transform.CentreCrop t.Side
        | other -> invalidOp $"{other}"

    /// None where only the record says it.
    let private transformed transform =
        let name = Transform.name transform

        match transform with
        | Transform.Flip -> Some name
        | Transform.AutoAugment _ -> Some $"{name} cifar10Policy"
        | Transform.RandAugment(operations, magnitude) -> Some $"{name} {operations} {magnitude}"
        | Transform.ColourJitter(b, c, s) -> Some $"{name} {number b} {number c} {number s}"
        | Transform.Crop pixels
        | Transform.Cutout pixels
        | Transform.Resize pixels
        | Transform.ResizeShort pixels
        | Transform.CentreCrop pixels -> Some $"{name} {pixels}"
        | Transform.RandomResizedCrop(side, _, _) when (randomResizedCrop side decode).Train = [ transform ] ->
            Some $"{name} {side}"
        | Transform.RandomResizedCrop _ -> None

    let private case transform =
        match transform with
        | Transform.RandomResizedCrop(side, area, aspect) ->
            $"Transform.RandomResizedCrop({side}, {number area}, {number aspect})"
        | Transform.ColourJitter(b, c, s) -> $"Transform.ColourJitter({number b}, {number c}, {number s})"
        | Transform.AutoAugment _ -> "Transform.AutoAugment cifar10Policy"
        | Transform.RandAugment(operations, magnitude) -> $"Transform.RandAugment({operations}, {magnitude})"
        | Transform.Flip -> "Transform.Flip"
        | Transform.Crop pixels -> $"Transform.Crop {pixels}"
        | Transform.Cutout pixels -> $"Transform.Cutout {pixels}"
        | Transform.Resize pixels -> $"Transform.Resize {pixels}"
        | Transform.ResizeShort pixels -> $"Transform.ResizeShort {pixels}"
        | Transform.CentreCrop pixels -> $"Transform.CentreCrop {pixels}"

    let private normalised (statistics: Normalisation) =
        let known =
            [
                imageNet, []
                cifar, [ "cifar" ]
                clip, [ "clip" ]
                iNaturalist, [ "iNaturalist" ]
            ]

        let rgb (rgb: Rgb) =
            $"Rgb({number rgb.Red}, {number rgb.Green}, {number rgb.Blue})"

        known
        |> List.tryFind (fst >> (=) statistics)
        |> Option.map snd
        |> Option.defaultWith (fun () ->
            [
                $"{{ Mean = {rgb statistics.Mean}; Deviation = {rgb statistics.Deviation} }}"
            ])
        |> List.map (sprintf "normalise %s")

    let private training transforms =
        match transforms with
        | [ Transform.Crop 4; Transform.Flip; Transform.Resize side ] -> [ $"side {side}" ]
        | [ Transform.Crop pixels; Transform.Flip; Transform.Resize side ] -> [ $"side {side}"; $"crop {pixels}" ]
        | [ Transform.Flip; Transform.Resize side ] -> [ $"side {side}"; "withoutCrop" ]
        | [ Transform.Crop 4; Transform.Resize side ] -> [ $"side {side}"; "withoutFlip" ]
        | others -> "decode" :: List.choose transformed others

    let words (i: InputSettings) =
        let train, test =
            [ for t in i.Train -> transform t ], [ for t in i.Test -> transform t ]

        let statistics =
            {
                Mean = i.Mean
                Deviation = i.Deviation
            }

        let usual = test = List.collect Transform.whenTesting train

        let sayable transforms =
            transforms |> List.forall (transformed >> Option.isSome)

        let preset =
            [ "publishedCifar", publishedCifar; "publishedImageNet", publishedImageNet ]
            |> List.tryFind (fun (_, own) -> (own.Train, own.Test, own.Normalisation) = (train, Some test, statistics))

        let list transforms =
            transforms |> List.map case |> String.concat "; " |> sprintf "[ %s ]"

        match preset with
        | Some(word, _) -> word
        | None when sayable train && sayable test ->
            chain
                [
                    yield! training train
                    yield! normalised statistics
                    if not usual then
                        let said = test |> List.choose transformed |> String.concat " >> "
                        $"testing ({said})"
                ]
        | None ->
            let fields =
                [
                    $"Train = {list train}"
                    if not usual then
                        $"Test = Some {list test}"
                ]

            chain (with' fields "decode" :: normalised statistics)

namespace LongTail

open LongTail.Core.Settings

/// One value for each of the red, green and blue planes: `Rgb(0.5, 0.5, 0.5)`.
type Rgb = LongTail.Core.Settings.Rgb

/// Per-channel mean and deviation of pixels in [0, 1].
type Normalisation = { Mean: Rgb; Deviation: Rgb }

/// One step from a decoded image to the model's input.
[<RequireQualifiedAccess>]
type Transform =
    | Crop of padding: int
    | RandomResizedCrop of side: int * smallestArea: float * largestAspect: float
    | Flip
    | AutoAugment of policy: AugmentationPolicy
    | RandAugment of operations: int * magnitude: int
    | ColourJitter of brightness: float * contrast: float * saturation: float
    | Cutout of side: int
    | Resize of side: int
    | ResizeShort of side: int
    | CentreCrop of side: int

/// How an image becomes the model's input.
type Input =
    {
        /// Of the images that are learnt from, in the order in which it is done.
        Train: Transform list
        /// Of the test images; None is what of the training's is not random.
        Test: Transform list option
        Normalisation: Normalisation
        Said: Said
    }

module Transform =
    /// Pixels a side beyond which an image is taken for a slip of the pen: as numbers it takes 200 MB.
    let largest = 4096

    /// As a person says it.
    let name transform =
        match transform with
        | Transform.Crop _ -> "crop"
        | Transform.RandomResizedCrop _ -> "randomResizedCrop"
        | Transform.Flip -> "flip"
        | Transform.AutoAugment _ -> "autoAugment"
        | Transform.RandAugment _ -> "randAugment"
        | Transform.ColourJitter _ -> "colourJitter"
        | Transform.Cutout _ -> "cutout"
        | Transform.Resize _ -> "resize"
        | Transform.ResizeShort _ -> "resizeShort"
        | Transform.CentreCrop _ -> "centreCrop"

    /// The side of the squares that it leaves, where that is its work.
    let square transform =
        match transform with
        | Transform.RandomResizedCrop(side, _, _)
        | Transform.Resize side
        | Transform.CentreCrop side -> Some side
        | _ -> None

    let isRandom transform =
        match transform with
        | Transform.Resize _
        | Transform.ResizeShort _
        | Transform.CentreCrop _ -> false
        | _ -> true

    /// What a test image goes through where nothing else is said.
    let whenTesting transform =
        match transform with
        // The window is then as large in the image as the published one: 224 of 256.
        | Transform.RandomResizedCrop(side, _, _) -> [ Transform.ResizeShort(side * 8 / 7); Transform.CentreCrop side ]
        | random when isRandom random -> []
        | fixed' -> [ fixed' ]

[<RequireQualifiedAccess>]
module Input =
    let private squared side transforms =
        match List.tryPick Transform.square (List.rev transforms) with
        | Some _ -> transforms
        | None -> transforms @ [ Transform.Resize side ]

    /// Everything that a training image goes through; one that no transform makes a square of the model's side is
    /// resized to the backbone's own.
    let training ownSide input =
        input.Train |> List.filter ((<>) (Transform.Crop 0)) |> squared ownSide

    /// Everything that a test image goes through.
    let testing ownSide input =
        let train = training ownSide input

        match input.Test with
        | Some test -> test |> squared (List.pick Transform.square (List.rev train))
        | None -> train |> List.collect Transform.whenTesting

    /// The side of what these transforms leave.
    let side transforms =
        transforms |> List.rev |> List.pick Transform.square

[<AutoOpen>]
module Inputs =
    /// ImageNet's statistics, which DeiT was trained with.
    let imageNet =
        {
            Mean = Rgb(0.485, 0.456, 0.406)
            Deviation = Rgb(0.229, 0.224, 0.225)
        }

    /// The statistics that CLIP was trained with, OpenAI's and most of those that followed it.
    let clip =
        {
            Mean = Rgb(0.48145466, 0.4578275, 0.40821073)
            Deviation = Rgb(0.26862954, 0.26130258, 0.27577711)
        }

    /// CIFAR-10's statistics, which the published code takes for CIFAR-100 too (method.md 4.3).
    let cifar =
        {
            Mean = Rgb(0.4914, 0.4822, 0.4465)
            Deviation = Rgb(0.2023, 0.1994, 0.2010)
        }

    /// iNaturalist 2018's statistics, as H2T has them (method.md 4.4).
    let iNaturalist =
        {
            Mean = Rgb(0.466, 0.471, 0.380)
            Deviation = Rgb(0.195, 0.194, 0.192)
        }

    /// The image as it is, with ImageNet's statistics: what every pipeline begins with.
    let decode =
        {
            Train = []
            Test = None
            Normalisation = imageNet
            Said = Said.nothing
        }

    /// What a pipeline of ours says can be said anew.
    let private preset (input: Input) = { input with Said = Said.nothing }

    /// A transform that is there already takes the new one's numbers and keeps its place.
    let private say transform input =
        let name = Transform.name transform

        let put =
            if input.Train |> List.exists (Transform.name >> (=) name) then
                List.map (fun t -> if Transform.name t = name then transform else t) input.Train
            else
                input.Train @ [ transform ]

        { input with
            Train = put
            Said = input.Said |> Said.once name
        }

    let private unsay name word input =
        { input with
            Train = input.Train |> List.filter (Transform.name >> (<>) name)
            Said = input.Said |> Said.oneOf name word
        }

    /// Pixels become (value - mean) / deviation, a channel: `imageNet`, `cifar` or `clip`.
    let normalise statistics input =
        { input with
            Normalisation = statistics
            Said = input.Said |> Said.once "normalise"
        }

    /// Random crop of the image's own size after zero padding by so many pixels.
    let crop padding input = say (Transform.Crop padding) input

    /// A random part of the image, of 8 to 100 % of its area and an aspect of 3/4 to 4/3, as a square of so many pixels
    /// a side (Szegedy et al. 2015).
    let randomResizedCrop side input =
        say (Transform.RandomResizedCrop(side, 0.08, 4. / 3.)) input

    /// Horizontal flip with probability one half.
    let flip input = say Transform.Flip input

    /// AutoAugment's policy for CIFAR-10, which the published code takes for CIFAR-100 too.
    let cifar10Policy = AugmentationPolicy.Cifar10

    /// For each image one of a policy's pairs of operations (Cubuk et al. 2019).
    let autoAugment policy input =
        say (Transform.AutoAugment policy) input

    /// For each image so many of fourteen operations, at a magnitude of 0 to 30 (Cubuk et al. 2020; published: 2 and 9).
    let randAugment operations magnitude input =
        say (Transform.RandAugment(operations, magnitude)) input

    /// Brightness, contrast and saturation times factors from 1 - x to 1 + x, in random order.
    let colourJitter brightness contrast saturation input =
        say (Transform.ColourJitter(brightness, contrast, saturation)) input

    /// Zeros, before normalising, in a square of so many pixels a side around a random pixel (DeVries and Taylor 2017).
    let cutout side input = say (Transform.Cutout side) input

    /// To so many pixels a side: bilinear, without antialias. The last of a pipeline.
    let resize side input = say (Transform.Resize side) input

    /// The shorter side to so many pixels, as Pillow resizes: bilinear with antialias, rounded to bytes.
    let resizeShort side input = say (Transform.ResizeShort side) input

    /// The square of so many pixels a side in the middle.
    let centreCrop side input = say (Transform.CentreCrop side) input

    /// What test images go through: `testing (resizeShort 256 >> centreCrop 224)`. Where it is not said they are resized
    /// and cropped as training images are, and nothing else; after a randomResizedCrop S, resized to 8/7 of S and cropped.
    let testing (transforms: Input -> Input) input =
        let test = transforms decode

        let outside =
            if Said.has "normalise" test.Said then
                Said.contradicting
                    "testing"
                    "normalises, which is done to all images alike"
                    "say normalise outside of it"
            else
                id

        { input with
            Test = Some test.Train
            Said = input.Said |> Said.once "testing" |> Said.alsoOf test.Said |> outside
        }

    /// What an experiment takes that says nothing of its input: a crop with 4 pixels of padding, a flip, the backbone's
    /// own side, ImageNet's statistics.
    let augmented = decode |> crop 4 |> flip |> preset

    /// The augmented input resized to so many pixels a side.
    let side pixels = augmented |> resize pixels

    /// Takes the crop out.
    let withoutCrop input = unsay "crop" "withoutCrop" input

    /// Takes the flip out.
    let withoutFlip input = unsay "flip" "withoutFlip" input

    /// The published pipelines for CIFAR (method.md 4.3).
    let publishedCifar =
        decode
        |> crop 4
        |> flip
        |> autoAugment cifar10Policy
        |> cutout 16
        |> resize 224
        |> normalise cifar
        |> testing (resizeShort 256 >> centreCrop 224)
        |> preset

    /// The pipelines that H2T has for ImageNet-LT and Places-LT (method.md 4.4).
    let publishedImageNet =
        decode
        |> randomResizedCrop 224
        |> flip
        |> colourJitter 0.4 0.4 0.4
        |> testing (resizeShort 256 >> centreCrop 224)
        |> preset

namespace LongTail

open LongTail.Core.Settings

/// Per-channel mean and deviation of pixels in [0, 1].
type Normalisation = { Mean: Rgb; Deviation: Rgb }

/// How an image becomes the model's input: crop and flip (training only), resize, normalise.
type Input =
    {
        /// Pixels a side; None is the side that the backbone was made for.
        Side: int option
        Normalisation: Normalisation
        /// Random crop after zero padding by so many pixels; 0 is no crop.
        CropPadding: int
        /// Horizontal flip with probability one half.
        Flip: bool
    }

[<AutoOpen>]
module Inputs =
    /// ImageNet's statistics, which DeiT was trained with.
    let imageNet =
        {
            Mean = Rgb(0.485, 0.456, 0.406)
            Deviation = Rgb(0.229, 0.224, 0.225)
        }

    /// CIFAR-10's statistics, which the published code takes for CIFAR-100 too (method.md 4.3).
    let cifar =
        {
            Mean = Rgb(0.4914, 0.4822, 0.4465)
            Deviation = Rgb(0.2023, 0.1994, 0.2010)
        }

    /// What an experiment takes that says nothing of its input: the backbone's own side, ImageNet's
    /// statistics, a crop with 4 pixels of padding, a flip.
    let augmented =
        {
            Side = None
            Normalisation = imageNet
            CropPadding = 4
            Flip = true
        }

    /// The augmented input resized to so many pixels a side.
    let side pixels = { augmented with Side = Some pixels }

    let normalise statistics input =
        { input with
            Normalisation = statistics
        }

    /// Random crop of the image's own size after zero padding by so many pixels.
    let crop padding input = { input with CropPadding = padding }

    let withoutCrop input = { input with CropPadding = 0 }

    let withoutFlip input = { input with Flip = false }

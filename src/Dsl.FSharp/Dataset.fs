namespace LongTail

open LongTail.Core.Data
open LongTail.Core.Settings

/// A data set and the long-tailed part of it that is trained on.
type Dataset =
    {
        Set: ImageSet
        Profile: ImbalanceProfile
        /// Largest over smallest class, at least 1; 1 is balanced.
        ImbalanceFactor: float
        /// Images of the largest class; None takes all there are.
        ImagesPerClass: int option
        /// The first so many test images of each class; None takes all.
        TestImages: int option
        /// Seed of the choice of images (published: 0); not the run's seed.
        SelectionSeed: uint32
    }

[<AutoOpen>]
module Datasets =
    let private balanced set =
        {
            Set = set
            Profile = ImbalanceProfile.Exponential
            ImbalanceFactor = 1.
            ImagesPerClass = None
            TestImages = None
            SelectionSeed = 0u
        }

    /// 10 classes of 6,000 + 1,000 gray images, 28 x 28 (Xiao 2017).
    let FashionMnist = balanced ImageSet.FashionMnist

    /// 10 classes of 5,000 + 1,000 images in colour, 32 x 32 (Krizhevsky 2009).
    let Cifar10 = balanced ImageSet.Cifar10

    /// 100 classes of 500 + 100 images in colour, 32 x 32 (Krizhevsky 2009).
    let Cifar100 = balanced ImageSet.Cifar100

    /// Class sizes fall exponentially from the first class to the last: factor = largest / smallest (method.md 4.1).
    let longTailed factor dataset =
        { dataset with
            Profile = ImbalanceProfile.Exponential
            ImbalanceFactor = factor
        }

    /// The first half of the classes keeps its images, the other half has largest / factor.
    let stepImbalance factor dataset =
        { dataset with
            Profile = ImbalanceProfile.Step
            ImbalanceFactor = factor
        }

    /// Images of the largest class.
    let imagesPerClass count dataset =
        { dataset with
            ImagesPerClass = Some count
        }

    /// Test images of each class.
    let testImages count dataset =
        { dataset with TestImages = Some count }

module Dataset =
    let classes dataset =
        match dataset.Set with
        | ImageSet.Cifar100 -> 100
        | _ -> 10

    /// Training images that the whole set has of a class.
    let trainingImages dataset =
        match dataset.Set with
        | ImageSet.FashionMnist -> 6000
        | ImageSet.Cifar10 -> 5000
        | _ -> 500

    /// Training images of each class, the largest first.
    let classCounts dataset =
        LongTailed.Counts(
            dataset.Profile,
            dataset.ImbalanceFactor,
            dataset.ImagesPerClass |> Option.defaultValue (trainingImages dataset),
            classes dataset
        )

    /// Test images that the whole set has of a class.
    let testingImages dataset =
        match dataset.Set with
        | ImageSet.Cifar100 -> 100
        | _ -> 1000

    /// Pixels a side that the set's images have, where all have the same.
    let imageSide dataset =
        match dataset.Set with
        | ImageSet.FashionMnist -> Some 28
        | ImageSet.Cifar10
        | ImageSet.Cifar100 -> Some 32
        | _ -> None

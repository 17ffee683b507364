namespace LongTail

open System.IO
open LongTail.Core.Data
open LongTail.Core.Settings

/// A data set and the long-tailed part of it that is trained on.
type Dataset =
    {
        Source: DataSource
        Profile: ImbalanceProfile
        /// Largest over smallest class that the set is cut to, at least 1; 1 takes every class as it is.
        ImbalanceFactor: float
        /// Images of the largest class; None takes all there are.
        ImagesPerClass: int option
        /// The first so many test images of each class; None takes all.
        TestImages: int option
        /// Seed of the choice of images (published: 0); not the run's seed.
        SelectionSeed: uint32
        /// What becomes of a file to learn from that cannot be decoded.
        Broken: BrokenImages
        /// The side that files are kept at, once decoded; None decodes them whenever they are read.
        Packed: int option
        Said: Said
    }

[<AutoOpen>]
module Datasets =
    let private whole source =
        {
            Source = source
            Profile = ImbalanceProfile.Exponential
            ImbalanceFactor = 1.
            ImagesPerClass = None
            TestImages = None
            SelectionSeed = 0u
            Broken = BrokenImages.Fail
            Packed = None
            Said = Said.nothing
        }

    let private published set = whole (PublishedImages set)

    /// 10 classes of 6,000 + 1,000 gray images, 28 x 28 (Xiao 2017).
    let FashionMnist = published ImageSet.FashionMnist

    /// 10 classes of 5,000 + 1,000 images in colour, 32 x 32 (Krizhevsky 2009).
    let Cifar10 = published ImageSet.Cifar10

    /// 100 classes of 500 + 100 images in colour, 32 x 32 (Krizhevsky 2009).
    let Cifar100 = published ImageSet.Cifar100

    /// 1,000 classes of 1,280 to 5 images, 115,846 in all, as its authors' lists have them (Liu et al. 2019).
    let ImageNetLt = published ImageSet.ImageNetLt

    /// 365 classes of 4,980 to 5 images, 62,500 in all, as its authors' lists have them (Liu et al. 2019).
    let PlacesLt = published ImageSet.PlacesLt

    /// 8,142 classes of 1,000 to 2 images, 437,513 in all, in the usual lists (Van Horn et al. 2018).
    let INaturalist2018 = published ImageSet.INaturalist2018

    /// Images that two list files name, "path label" a line; --data names the folder that relative paths begin in.
    let listFiles train test = whole (ListedImages(train, test))

    /// Two folders of class folders. The second may lack classes of the first.
    let classFolders train test = whole (ClassFolders(train, test))

    /// Class sizes fall exponentially from the first class to the last: factor = largest / smallest (method.md 4.1).
    let longTailed factor dataset =
        { dataset with
            Profile = ImbalanceProfile.Exponential
            ImbalanceFactor = factor
            Said = dataset.Said |> Said.oneOf "imbalance" "longTailed"
        }

    /// The first half of the classes keeps its images, the other half has largest / factor.
    let stepImbalance factor dataset =
        { dataset with
            Profile = ImbalanceProfile.Step
            ImbalanceFactor = factor
            Said = dataset.Said |> Said.oneOf "imbalance" "stepImbalance"
        }

    /// Images of the largest class.
    let imagesPerClass count dataset =
        { dataset with
            ImagesPerClass = Some count
            Said = dataset.Said |> Said.once "imagesPerClass"
        }

    /// Test images of each class.
    let testImages count dataset =
        { dataset with
            TestImages = Some count
            Said = dataset.Said |> Said.once "testImages"
        }

    /// A file to learn from that cannot be decoded is counted, and another of its class taken instead; a run fails on it
    /// where this is not said.
    let skipBroken dataset =
        { dataset with
            Broken = BrokenImages.Skip
            Said = dataset.Said |> Said.once "skipBroken"
        }

    /// Files are decoded once and kept, the shorter side resized to so many pixels: later epochs decode nothing.
    let packed side dataset =
        { dataset with
            Packed = Some side
            Said = dataset.Said |> Said.once "packed"
        }

module Dataset =
    /// A set whose images are all of one size and kept in memory; None where they are files.
    let resident dataset =
        ResidentSet.Of dataset.Source |> Option.ofObj

    /// Whether nothing is known of its imbalance but what its files have: they are not cut to a factor.
    let isAsItIs dataset =
        dataset.ImbalanceFactor = 1. && (resident dataset).IsNone

    /// Training images of each class, the largest first, cut from so many.
    let classCounts (have: int seq) dataset =
        LongTailed.Kept(
            dataset.Profile,
            dataset.ImbalanceFactor,
            Option.toNullable dataset.ImagesPerClass,
            Array.ofSeq have
        )

    /// Test images of all classes, of so many.
    let testCount (have: int seq) dataset =
        have |> Seq.sumBy (fun count -> dataset.TestImages |> Option.fold min count)

    /// As a person calls it.
    let name dataset =
        match dataset.Source with
        | :? PublishedImages as published -> $"{published.Set}"
        | :? ListedImages as lists -> string (Path.GetFileNameWithoutExtension lists.Train)
        | :? ClassFolders as folders -> string (Path.GetFileName(folders.Train.TrimEnd '/'))
        | other -> $"{other}"

module LongTail.Tests.DataSetTests

open System
open Expecto
open LongTail.Core.Data
open LongTail.Core.Settings
open LongTail.Tests.TempFolder
open LongTail.Tests.DataFiles

let private settings set factor largest perClass =
    DataSettings(
        PublishedImages set,
        ImbalanceProfile.Exponential,
        factor,
        Option.toNullable largest,
        Option.toNullable perClass,
        0u,
        BrokenImages.Fail,
        Nullable(),
        ""
    )

let private load settings folder =
    let asItIs = InputSettings([||], [||], Rgb(0., 0., 0.), Rgb(1., 1., 1.))
    DataSet.Load(settings, asItIs, 0L, RunPlace("cpu", folder, null))

let private images (split: Split) = (split :?> ResidentSplit).Images

[<Tests>]
let tests =
    testList
        "a data set"
        [
            testCase "is Fashion-MNIST's long-tailed subset, class after class, and its test images" (fun () ->
                use data = load (settings ImageSet.FashionMnist 100. None (Some 50)) null

                let counts = [| 6000; 3596; 2156; 1292; 774; 464; 278; 166; 100; 60 |]
                Expect.equal (Array.ofSeq data.ClassCounts) counts "images a class"
                Expect.equal (images data.Train).shape [| 14886L; 1L; 28L; 28L |] "training images"

                Expect.equal
                    (data.Train.Labels.data<int64>().ToArray())
                    (Array.concat (counts |> Array.mapi (fun j n -> Array.create n (int64 j))))
                    "training labels"

                Expect.equal (images data.Test).shape [| 500L; 1L; 28L; 28L |] "test images"

                Expect.equal
                    (data.Test.Labels.data<int64>().ToArray() |> Array.countBy id |> Array.sort)
                    [| for j in 0L .. 9L -> j, 50 |]
                    "test images a class")

            testCase "keeps each image with its label" (fun () ->
                // The red plane's first pixel tells the row, so that an image can be found again.
                let rows = [ for i in 0..199 -> byte (i % 100) ]

                inFolderOf [ "train.bin", cifar100 rows; "test.bin", cifar100 rows ] (fun folder ->
                    use data = load (settings ImageSet.Cifar100 2. None None) folder

                    Expect.equal (Seq.sum data.ClassCounts) 101 "two images of the first class, one of each other"

                    let pixels =
                        (images data.Train)
                            .reshape(data.Train.Count, 3072L)
                            .select(1L, 0L)
                            .contiguous()
                            .bytes.ToArray()

                    let labels = data.Train.Labels.data<int64>().ToArray()
                    Expect.equal (pixels |> Array.map (fun p -> int64 p % 100L)) labels "images and labels"
                    Expect.equal data.Test.Count 200L "all test images"))

            testCase "with fewer images than asked for is refused" (fun () ->
                let load () =
                    load (settings ImageSet.FashionMnist 1. (Some 6001) None) null

                Expect.stringContains (inputError load) "6000 images" "more than there are")

            testCase "is CIFAR-100's with the original counts" (fun () ->
                use data = load (settings ImageSet.Cifar100 100. None None) SharedData.folder.Value

                Expect.equal data.Train.Count 10_847L "training images"
                Expect.equal data.Test.Count 10_000L "test images"
                Expect.equal data.ClassNames[99] "worm" "class names")
        ]

module LongTail.Tests.SelectionTests

open System
open System.Security.Cryptography
open Expecto
open LongTail.Core.Data
open LongTail.Core.Settings
open LongTail.Tests.TempFolder

let private counts factor largest classes =
    LongTailed.Counts(ImbalanceProfile.Exponential, factor, largest, classes)

/// Labels of a set whose classes take turns, so that the image at index i is number i / classes of its class.
let private takingTurns images classes =
    Array.init (images * classes) (fun i -> i % classes)

/// Positions within their class of the images that are kept, a list for each class.
let private kept images classes (counts: int[]) seed =
    let indices = Selection.Published(takingTurns images classes, counts, seed)
    let starts = Array.scan (+) 0 counts
    Array.init classes (fun j -> indices[starts[j] .. starts[j + 1] - 1] |> Array.map (fun i -> i / classes))

let private cifar100 = lazy (kept 500 100 (counts 100. 500 100) 0u)
let private cifar10 = lazy (kept 5000 10 (counts 100. 5000 10) 0u)

let private golden =
    [
        "CIFAR-100 class 0", cifar100, 0, [| 90; 254; 283; 445; 461 |]
        "CIFAR-100 class 1", cifar100, 1, [| 277; 307; 436; 88; 261 |]
        "CIFAR-100 class 99", cifar100, 99, [| 348; 153; 363; 361; 299 |]
        "CIFAR-10 class 0", cifar10, 0, [| 398; 3833; 4836; 4572; 636 |]
        "CIFAR-10 class 1", cifar10, 1, [| 597; 332; 521; 3935; 4800 |]
        "CIFAR-10 class 9", cifar10, 9, [| 2204; 3816; 2206; 2507; 1926 |]
    ]

let private sums =
    [
        500, 10., 4_903_396L
        500, 50., 3_143_133L
        500, 100., 2_709_482L
        500, 200., 2_377_625L
        5000, 10., 51_242_293L
        5000, 50., 34_963_174L
        5000, 100., 30_953_231L
        5000, 200., 27_928_559L
    ]

/// Labels of a few classes in any order, and how many images to keep of each class.
let private wish (labels: byte list) (wanted: byte list) =
    let classes = 3
    let labels = labels |> List.map (fun label -> int label % classes) |> Array.ofList

    let counts =
        Array.init classes (fun j ->
            let available = labels |> Array.filter ((=) j) |> Array.length

            let wanted =
                wanted |> List.tryItem j |> Option.map int |> Option.defaultValue available

            min wanted available)

    labels, counts

[<Tests>]
let tests =
    testList
        "selection"
        [
            testCase "the Mersenne twister gives its published ten-thousandth number" (fun () ->
                let random = MersenneTwister 5489u
                let numbers = Array.init 10_000 (fun _ -> random.Next())
                Expect.equal numbers[0] 3499211612u "first"
                Expect.equal numbers[9999] 4123659995u "ten-thousandth")

            testProperty "an interval's numbers stay within it" (fun (seed: uint32) (largest: uint32) ->
                let random = MersenneTwister seed

                Seq.init 50 (fun _ -> random.Interval largest)
                |> Seq.forall (fun v -> v <= largest))

            testCase "an interval reaches both of its ends" (fun () ->
                let random = MersenneTwister 1u
                let drawn = Seq.init 200 (fun _ -> random.Interval 4u) |> Set.ofSeq
                Expect.equal drawn (set [ 0u .. 4u ]) "numbers drawn")

            testList
                "the published positions come out"
                [
                    for name, positions, label, first in golden ->
                        testCase name (fun () ->
                            Expect.sequenceStarts positions.Value[label] first "positions within the class")
                ]

            testList
                "the published sums come out"
                [
                    for largest, factor, sum in sums ->
                        let classes = 50_000 / largest

                        testCase $"CIFAR-{classes} at imbalance factor {factor}" (fun () ->
                            let positions = kept largest classes (counts factor largest classes) 0u
                            Expect.equal (positions |> Array.concat |> Array.sumBy int64) sum "sum of positions")
                ]

            testCase "the published hash of CIFAR-100's positions comes out" (fun () ->
                let bytes = cifar100.Value |> Array.concat |> Array.collect BitConverter.GetBytes

                Expect.equal
                    (Convert.ToHexStringLower(SHA256.HashData bytes))
                    "2f421d63fdc8f7e507409950d637829595540354b5e992c1463ffa6b986374e1"
                    "SHA-256 of little-endian int32")

            testProperty "a class gets as many of its own images as asked, none twice" (fun labels wanted seed ->
                let labels, counts = wish labels wanted
                let indices = Selection.Published(labels, counts, seed)

                Expect.equal
                    (indices |> Array.map (fun i -> int labels[i]))
                    (Array.concat (counts |> Array.mapi (fun j n -> Array.create n j)))
                    "class after class"

                Expect.equal (Array.distinct indices).Length indices.Length "no image twice")

            testProperty "fewer images of a class are a prefix of more" (fun (a: byte) (b: byte) seed ->
                let factor (x: byte) = 1. + float x / 255. * 49.

                let small, large =
                    kept 50 10 (counts (factor (max a b)) 50 10) seed,
                    kept 50 10 (counts (factor (min a b)) 50 10) seed

                Array.forall2 (fun (few: int[]) (many: int[]) -> Array.truncate few.Length many = few) small large)

            testCase "a seed always keeps the same images, another one others" (fun () ->
                let ofSeed seed = kept 50 10 (counts 10. 50 10) seed
                Expect.equal (ofSeed 7u) (ofSeed 7u) "the same"
                Expect.notEqual (ofSeed 7u) (ofSeed 8u) "another")

            testCase "the first images of each class stay in file order" (fun () ->
                let labels = [| 1; 0; 1; 1; 0; 0; 2 |]
                Expect.equal (Selection.FirstOfEachClass(labels, 3, 2)) [| 0; 1; 2; 4; 6 |] "two of each"
                Expect.equal (Selection.FirstOfEachClass(labels, 3, 9)) [| 0..6 |] "all there are")
        ]

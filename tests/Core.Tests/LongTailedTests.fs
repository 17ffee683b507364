module LongTail.Tests.LongTailedTests

open System
open Expecto
open LongTail.Core.Data
open LongTail.Core.Settings
open LongTail.Tests.TempFolder

let private exponential factor largest classes =
    LongTailed.Counts(ImbalanceProfile.Exponential, factor, largest, classes)

let private step factor largest classes =
    LongTailed.Counts(ImbalanceProfile.Step, factor, largest, classes)

let private numbers (text: string) = text.Split ' ' |> Array.map int

// method.md 4.1: largest class, imbalance factor, classes over 100, 20 to 100 and under 20 images, all counts.
let private published =
    [
        5000, 10., (10, 0, 0), "5000 3871 2997 2320 1796 1391 1077 834 645 500"
        5000, 50., (9, 1, 0), "5000 3237 2096 1357 878 568 368 238 154 100"
        5000, 100., (8, 2, 0), "5000 2997 1796 1077 645 387 232 139 83 50"
        5000, 200., (7, 3, 0), "5000 2775 1540 854 474 263 146 81 45 25"
        500,
        10.,
        (69, 31, 0),
        "500 488 477 466 455 445 434 424 415 405 396 387 378 369 361 352 344 336 328 321 314 306 299 292 286 279 273 266 260 254 248 243 237 232 226 221 216 211 206 201 197 192 188 183 179 175 171 167 163 159 156 152 149 145 142 139 135 132 129 126 123 121 118 115 112 110 107 105 102 100 98 95 93 91 89 87 85 83 81 79 77 75 74 72 70 69 67 66 64 63 61 60 58 57 56 54 53 52 51 50"
        500,
        50.,
        (41, 41, 18),
        "500 480 462 444 426 410 394 379 364 350 336 323 311 299 287 276 265 255 245 235 226 218 209 201 193 186 178 172 165 158 152 146 141 135 130 125 120 115 111 107 102 98 95 91 87 84 81 78 75 72 69 66 64 61 59 56 54 52 50 48 46 44 43 41 39 38 36 35 34 32 31 30 29 27 26 25 24 23 22 22 21 20 19 18 18 17 16 16 15 14 14 13 13 12 12 11 11 10 10 10"
        500,
        100.,
        (35, 35, 30),
        "500 477 455 434 415 396 378 361 344 328 314 299 286 273 260 248 237 226 216 206 197 188 179 171 163 156 149 142 135 129 123 118 112 107 102 98 93 89 85 81 77 74 70 67 64 61 58 56 53 51 48 46 44 42 40 38 36 35 33 32 30 29 27 26 25 24 23 22 21 20 19 18 17 16 15 15 14 13 13 12 12 11 11 10 10 9 9 8 8 7 7 7 6 6 6 6 5 5 5 5"
        500,
        200.,
        (30, 31, 39),
        "500 473 449 425 403 382 362 343 325 308 292 277 263 249 236 224 212 201 190 180 171 162 154 146 138 131 124 117 111 105 100 95 90 85 81 76 72 69 65 62 58 55 52 50 47 44 42 40 38 36 34 32 30 29 27 26 24 23 22 21 20 19 18 17 16 15 14 13 13 12 11 11 10 10 9 9 8 8 7 7 6 6 6 5 5 5 5 4 4 4 4 3 3 3 3 3 2 2 2 2"
    ]

let private totals =
    [
        5000, 10., 20_431
        5000, 50., 13_996
        5000, 100., 12_406
        5000, 200., 11_203
        500, 10., 19_573
        500, 50., 12_608
        500, 100., 10_847
        500, 200., 9_502
    ]

let private classesOf largest = 50_000 / largest

/// A largest class, an imbalance factor that leaves an image in the smallest, and a number of classes.
let private shape (largest: uint16) (share: uint16) (classes: byte) =
    let largest = 1 + int largest
    largest, 1. + float share / 65535. * float (largest - 1), 2 + int classes

[<Tests>]
let tests =
    testList
        "long-tailed counts"
        [
            testList
                "the published lists come out"
                [
                    for largest, factor, _, list in published ->
                        testCase $"CIFAR-{classesOf largest} at imbalance factor {factor}" (fun () ->
                            Expect.equal (exponential factor largest (classesOf largest)) (numbers list) "counts")
                ]

            testList
                "the published totals come out"
                [
                    for largest, factor, total in totals ->
                        testCase $"CIFAR-{classesOf largest} at imbalance factor {factor}" (fun () ->
                            Expect.equal (Array.sum (exponential factor largest (classesOf largest))) total "total")
                ]

            testList
                "the published groups by count come out"
                [
                    for largest, factor, (head, medium, tail), _ in published ->
                        testCase $"CIFAR-{classesOf largest} at imbalance factor {factor}" (fun () ->
                            let counts = exponential factor largest (classesOf largest)
                            let groups = LongTail.Core.Evaluation.CountGroups.Usual.Of counts

                            let size group =
                                groups |> Array.filter ((=) group) |> Array.length

                            Expect.equal
                                (size LongTail.Core.Evaluation.Group.Head,
                                 size LongTail.Core.Evaluation.Group.Medium,
                                 size LongTail.Core.Evaluation.Group.Tail)
                                (head, medium, tail)
                                "classes over 100, 20 to 100, under 20")
                ]

            testCase "step keeps half of the classes whole" (fun () ->
                Expect.equal (Array.sum (step 10. 5000 10)) 27_500 "CIFAR-10, factor 10"
                Expect.equal (Array.sum (step 100. 5000 10)) 25_250 "CIFAR-10, factor 100"
                Expect.equal (Array.sum (step 10. 500 100)) 27_500 "CIFAR-100, factor 10"
                Expect.equal (Array.sum (step 100. 500 100)) 25_250 "CIFAR-100, factor 100"
                Expect.equal (step 10. 30 5) [| 30; 30; 3; 3; 3 |] "an odd number of classes")

            testProperty "counts fall from the largest class to trunc(largest / factor)" (fun a b c ->
                let largest, factor, classes = shape a b c
                let counts = exponential factor largest classes
                Expect.equal counts[0] largest "first"
                Expect.equal counts[classes - 1] (int (float largest / factor)) "last"
                Expect.isDescending counts "order"
                Expect.all counts (fun n -> n >= 1) "an image in every class")

            testCase "the last class is exact where 1 / factor is not a float" (fun () ->
                Expect.equal (exponential 49. 49 2) [| 49; 1 |] "49 * (1 / 49) is below 1")

            testProperty "factor 1 is balanced" (fun (largest: uint16) (classes: byte) ->
                let largest, classes = 1 + int largest, 1 + int classes
                let balanced = Array.create classes largest
                Expect.equal (exponential 1. largest classes) balanced "exponential"
                Expect.equal (step 1. largest classes) balanced "step")

            testProperty "a larger factor leaves no class more" (fun a b c (d: uint16) ->
                let largest, factor, classes = shape a b c
                let smaller = 1. + (factor - 1.) * float d / 65535.

                Array.forall2 (<=) (exponential factor largest classes) (exponential smaller largest classes))

            testList
                "what is no imbalance factor is refused"
                [
                    for factor in [ 0.5; 0.; -100.; 0.999; nan; infinity ] ->
                        testCase $"{factor}" (fun () ->
                            let message = inputError (fun () -> exponential factor 500 100)
                            Expect.stringContains message "imbalance factor" "what"
                            Expect.stringContains message $"{factor}" "which")
                ]

            testCase "a class without an image is refused by its index" (fun () ->
                let message = inputError (fun () -> exponential 200. 100 100)
                Expect.stringContains message "class 87 " "the first class that is left empty"
                inputError (fun () -> step 101. 100 10) |> ignore
                inputError (fun () -> exponential 1. 0 10) |> ignore)
        ]

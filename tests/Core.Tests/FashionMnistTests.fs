module LongTail.Tests.FashionMnistTests

open System.IO
open Expecto
open LongTail.Core
open LongTail.Core.Data
open LongTail.Tests.TempFolder
open LongTail.Tests.DataFiles

let private side = 28 * 28
let private pixel i = byte (i % 251)

let private gray count =
    idx [ count; 28; 28 ] (Array.init (count * side) pixel)

let private labels (values: byte list) =
    idx [ values.Length ] (Array.ofList values)

/// A folder with Fashion-MNIST's training pair, each file changed as given.
let private withFashion (images: string * byte[]) (labels: string * byte[]) body =
    inTempFolder (fun folder ->
        for ending, (suffix, bytes) in [ "images-idx3-ubyte", images; "labels-idx1-ubyte", labels ] do
            File.WriteAllBytes(Path.Combine(folder, $"train-{ending}{suffix}"), bytes)

        body folder)

let private readFashion folder = FashionMnist.Read(folder, true)

let private fashionError images labels parts =
    withFashion images labels (fun folder ->
        let message = inputError (fun () -> readFashion folder)

        for part in folder :: parts do
            Expect.stringContains message part "what and where")

[<Tests>]
let tests =
    testList
        "Fashion-MNIST"
        [
            testList
                "is read"
                [
                    for name, suffix, pack in [ "plain", "", id; "gzipped", ".gz", gzip ] ->
                        testCase name (fun () ->
                            withFashion
                                (suffix, pack (gray 3))
                                (suffix, pack (labels [ 9uy; 0uy; 3uy ]))
                                (fun folder ->
                                    let data = readFashion folder
                                    Expect.equal data.Labels [| 9uy; 0uy; 3uy |] "labels"
                                    Expect.equal data.Pixels (Array.init (3 * side) pixel) "pixels"
                                    Expect.equal (data.Channels, data.Height, data.Width) (1, 28, 28) "sizes"
                                    Expect.equal data.ClassNames[9] "Ankle boot" "class names"))
                ]

            testCase "the folder's parent will do" (fun () ->
                inTempFolder (fun parent ->
                    withFashion ("", gray 1) ("", labels [ 1uy ]) (fun folder ->
                        Directory.Move(folder, Path.Combine(parent, "fashion-mnist"))
                        Directory.CreateDirectory folder |> ignore
                        Expect.equal (readFashion parent).Count 1 "images")))

            testCase "images cut short at any byte are refused" (fun () ->
                let whole = gray 2

                for length in [ 0..20 ] @ [ whole.Length - 1 ] do
                    fashionError
                        ("", whole[.. length - 1])
                        ("", labels [ 0uy; 1uy ])
                        [ "images-idx3-ubyte"; "truncated" ])

            testCase "a gzipped file cut short at any byte is refused or whole" (fun () ->
                let packed = gzip (labels [ 0uy; 1uy ])

                for length in 0 .. packed.Length - 1 do
                    withFashion ("", gray 2) (".gz", packed[.. length - 1]) (fun folder ->
                        try
                            // The last bytes are only a checksum.
                            Expect.equal (readFashion folder).Labels [| 0uy; 1uy |] "labels"
                        with :? InputException as error ->
                            Expect.stringContains error.Message "labels-idx1-ubyte.gz" "which file"))

            testCase "a file that is not gzipped under its name is refused" (fun () ->
                fashionError (".gz", gray 1) ("", labels [ 0uy ]) [ "images-idx3-ubyte.gz" ])

            testList
                "is refused with"
                [
                    for name, images, labels, parts in
                        [
                            "trailing data", Array.append (gray 1) [| 0uy |], labels [ 0uy ], [ "trailing data" ]
                            "the labels' magic number", labels (List.replicate 20 0uy), labels [ 0uy ], [ "0x00000801" ]
                            "signed bytes",
                            Array.concat [ [| 0uy; 0uy; 9uy; 3uy |]; (gray 1)[4..] ],
                            labels [ 0uy ],
                            [ "0x00000903" ]
                            "images of another size",
                            idx [ 1; 14; 56 ] (Array.zeroCreate side),
                            labels [ 0uy ],
                            [ "1 x 14 x 56" ]
                            "sizes whose product overflows", idx [ -1; -1; -1 ] [||], labels [ 0uy ], [ "4294967295" ]
                            "no image", idx [ 0; 28; 28 ] [||], labels [], [ "0 x 28 x 28" ]
                            "fewer labels than images", gray 2, labels [ 0uy ], [ "1 labels for the 2 images" ]
                            "a label out of range", gray 2, labels [ 0uy; 10uy ], [ "label 10 of image 1" ]
                        ] -> testCase name (fun () -> fashionError ("", images) ("", labels) parts)
                ]

            testCase "a missing file, or folder, says what to do" (fun () ->
                inTempFolder (fun folder ->
                    File.WriteAllBytes(Path.Combine(folder, "train-images-idx3-ubyte"), gray 1)
                    let message = inputError (fun () -> readFashion folder)
                    Expect.stringContains message "train-labels-idx1-ubyte" "the labels are missing"

                    for place in
                        [
                            Path.Combine(folder, "none")
                            Path.Combine(folder, "train-images-idx3-ubyte")
                        ] do
                        let message = inputError (fun () -> readFashion place)
                        Expect.stringContains message place "where"
                        Expect.stringContains message "apt-get install dataset-fashion-mnist" "remedy"))

            testCase "Debian's package has 6,000 and 1,000 images of each class" (fun () ->
                for train, perClass in [ true, 6000; false, 1000 ] do
                    let data = FashionMnist.Read(null, train)
                    let counts = data.Labels |> Array.countBy id |> Array.sort
                    Expect.equal counts [| for label in 0uy .. 9uy -> label, perClass |] "images a class")
        ]

/// Photos of many kinds and makers: sizes and colours as the manifest beside them says.
module LongTail.Tests.PhotoTests

open System
open System.Globalization
open System.IO
open Expecto
open LongTail.Core
open LongTail.Core.Images
open LongTail.Tests.SharedData
open LongTail.Tests.TempFolder

type private Photo =
    {
        File: string
        /// Width and height, upright; None where the file does not decode.
        Size: (int * int) option
        Mean: float list
    }

let private manifest folder =
    let rows =
        File.ReadAllLines(Path.Combine(folder, "manifest.tsv"))
        |> Array.map (fun line -> line.Split '\t')

    [
        for cells in rows[1..] do
            let cell name = cells[Array.IndexOf(rows[0], name)]
            // Pillow stops at EXIF data of seven bytes; the image beside them is whole, and white.
            let white = Path.GetFileName(cell "file") = "truncated_exif_dpi.jpg"
            let sound = white || cell "decode" = "ok"
            let orientation = cell "exif_orientation"

            {
                File = Path.Combine(folder, cell "file")
                Size =
                    if not sound then
                        None
                    // The manifest's size is that of the stored image.
                    elif white then
                        Some(480, 640)
                    elif orientation <> "" && int orientation >= 5 then
                        Some(int (cell "h"), int (cell "w"))
                    else
                        Some(int (cell "w"), int (cell "h"))
                Mean =
                    if white then
                        [ 255.; 255.; 255. ]
                    elif sound then
                        [
                            for number in (cell "mean_rgb_after_convert").Split ',' ->
                                Double.Parse(number, CultureInfo.InvariantCulture)
                        ]
                    else
                        []
            }
    ]

let private means (rgb: byte[]) =
    let sums = Array.zeroCreate 3

    for i in 0 .. rgb.Length - 1 do
        sums[i % 3] <- sums[i % 3] + int64 rgb[i]

    [ for sum in sums -> float sum / float (rgb.Length / 3) ]

let private farthest left right =
    List.map2 (fun (a: float) b -> abs (a - b)) left right |> List.max

[<Tests>]
let tests =
    testList
        "photos"
        [
            testCase "agree with their manifest in size and mean colour, and what does not decode is named" (fun () ->
                let wrong =
                    [
                        for photo in manifest (photos ()) do
                            match photo.Size with
                            | Some size ->
                                let width, height, rgb = ImageFiles.decode photo.File

                                if (width, height) <> size then
                                    $"{photo.File} is {width} x {height}, not {size}"

                                if farthest (means rgb) photo.Mean > 2. then
                                    $"{photo.File} has the mean colour {means rgb}, not {photo.Mean}"
                            | None ->
                                try
                                    ImageFiles.decode photo.File |> ignore
                                    $"{photo.File} was decoded"
                                with :? InputException as e ->
                                    if not (e.Message.Contains photo.File) || e.Message.Contains '\n' then
                                        e.Message
                    ]

                Expect.equal wrong [] "wrong")
            testCase "of one scene in eight orientations are one picture" (fun () ->
                let photo i =
                    ImageFiles.decode (Path.Combine(photos (), "exif_orientation", $"Landscape_{i}.jpg"))

                let width, height, upright = photo 1

                for i in 2..8 do
                    let w, h, rgb = photo i
                    Expect.equal (w, h) (width, height) "size"

                    let difference =
                        Array.map2 (fun (a: byte) (b: byte) -> abs (float a - float b)) upright rgb
                        |> Array.average

                    Order.isLessThan difference 4. $"orientation {i}")
            testCase "leave memory as it was, however many are decoded" (fun () ->
                let files =
                    [
                        for photo in manifest (photos ()) do
                            if FileInfo(photo.File).Length < 40_000L then
                                photo.File
                    ]

                use decoder = new ImageDecoder()

                let all times =
                    for _ in 1..times do
                        for file in files do
                            try
                                ImageFiles.decodeOnly decoder file
                            with :? InputException ->
                                ()

                    Machine.GiveMemoryBack()
                    Environment.WorkingSet

                let before = all 4
                let after = all 20
                Order.isLessThan (after - before) (24L <<< 20) "bytes more")
        ]

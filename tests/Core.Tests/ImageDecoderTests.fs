/// Image files that the tests write themselves, sound and malformed.
module LongTail.Tests.ImageDecoderTests

open System
open System.IO
open Expecto
open FsCheck
open LongTail.Core.Images
open LongTail.Tests.ImageFiles
open LongTail.Tests.TempFolder

let private written (name: string) (bytes: byte[]) body =
    inTempFolder (fun folder ->
        let file = Path.Combine(folder, name)
        File.WriteAllBytes(file, bytes)
        body file)

let private read bytes = written "image" bytes decode

let private farthest (left: byte[]) (right: byte[]) =
    Expect.equal left.Length right.Length "bytes"
    Array.fold2 (fun most a b -> max most (abs (int a - int b))) 0 left right

let private expectPicture tolerance (width, height, rgb) (w, h, expected) what =
    Expect.equal (w, h) (width, height) $"size of {what}"
    Order.isLessThanOrEqual (farthest rgb expected) tolerance what

/// Red, green and blue at a place of an upright picture that the stored one's place x, y shows under an orientation.
let private uprightOf orientation width height (rgb: byte[]) =
    let w, h = if orientation >= 5 then height, width else width, height

    let stored x y =
        match orientation with
        | 2 -> width - 1 - x, y
        | 3 -> width - 1 - x, height - 1 - y
        | 4 -> x, height - 1 - y
        | 5 -> y, x
        | 6 -> y, height - 1 - x
        | 7 -> width - 1 - y, height - 1 - x
        | 8 -> width - 1 - y, x
        | _ -> x, y

    let pixels =
        [|
            for y in 0 .. h - 1 do
                for x in 0 .. w - 1 do
                    let column, row = stored x y
                    let at = 3 * (row * width + column)
                    yield! rgb[at .. at + 2]
        |]

    w, h, pixels

[<Tests>]
let jpegs =
    testList
        "a JPEG"
        [
            for name, layout, flags in
                [
                    "of full colour", Colour, 0
                    "of half the colours' resolution", HalfColour, 0
                    "in progressive scans", Colour, progressive
                ] do
                testCase $"{name} is decoded" (fun () ->
                    let rgb = smooth 61 37
                    expectPicture 6 (read (jpeg layout flags 61 37 rgb)) (61, 37, rgb) "picture")
            testCase "in gray becomes three equal colours" (fun () ->
                let gray = Array.init (20 * 10) (fun i -> byte (50 + i % 20 * 5 + i / 20 * 3))
                let rgb = gray |> Array.collect (Array.replicate 3)
                expectPicture 2 (read (jpeg Gray 0 20 10 gray)) (20, 10, rgb) "picture")
            testCase "in inverted inks becomes colour as in Pillow" (fun () ->
                let ink = [| 200uy; 100uy; 50uy; 180uy |]
                let inks = Array.replicate (16 * 16) ink |> Array.concat
                // 255 is no ink; what is left of the light after an ink and black.
                let rgb = Array.replicate (16 * 16) [| 141uy; 71uy; 35uy |] |> Array.concat
                expectPicture 2 (read (jpeg Inks 0 16 16 inks)) (16, 16, rgb) "picture")
            for orientation in 1..8 do
                for little in [ true; false ] do
                    testCase
                        $"""of orientation {orientation} in {if little then "little" else "big"} endian comes upright"""
                        (fun () ->
                            let plain = jpeg Colour 0 24 10 (smooth 24 10)
                            let _, _, stored = read plain
                            let found = read (oriented little orientation plain)
                            expectPicture 0 found (uprightOf orientation 24 10 stored) "picture")
            testCase "of an orientation that is none comes as it is" (fun () ->
                let plain = jpeg Colour 0 24 10 (smooth 24 10)

                for orientation in [ 0; 9; 300 ] do
                    expectPicture 0 (read (oriented true orientation plain)) (read plain) "picture")
            for layout in [ Colour; HalfColour; Gray ] do
                testCase $"of layout {layout} has its upper rows whether or not those below are wanted" (fun () ->
                    let rgb = smooth 50 200

                    let bytes =
                        jpeg layout 0 50 200 (if layout = Gray then rgb[.. 50 * 200 - 1] else rgb)

                    written "a.jpg" bytes (fun file ->
                        let _, _, whole = decode file
                        use decoder = new ImageDecoder()

                        for rows in [ 1; 30; 31; 33; 64; 199; 200 ] do
                            for shrink in [ 1; 2; 8 ] do
                                decoder.Open file |> ignore
                                let all = (let pixels = decoder.Decode shrink in pixels.Rgb.ToArray())
                                let upper = (let pixels = decoder.Decode(shrink, rows) in pixels.Rgb.ToArray())
                                let wanted = 3 * ((50 + shrink - 1) / shrink) * ((rows + shrink - 1) / shrink)

                                Expect.equal
                                    upper[.. wanted - 1]
                                    all[.. wanted - 1]
                                    $"{rows} rows, {shrink} times smaller"

                        decoder.Open file |> ignore
                        let again = (let pixels = decoder.Decode() in pixels.Rgb.ToArray())
                        Expect.equal again whole "the whole image afterwards"))
            testCase "that is cut off is refused, though the rows that are wanted are there" (fun () ->
                let whole = jpeg Colour 0 61 200 (smooth 61 200)

                written "half.jpg" whole[.. whole.Length * 3 / 4] (fun file ->
                    use decoder = new ImageDecoder()
                    decoder.Open file |> ignore

                    let message =
                        inputError (fun () ->
                            let pixels = decoder.Decode(1, 10)
                            pixels.Width)

                    Expect.stringContains message "Premature end of JPEG file" "words"))
            for shrink in [ 2; 4; 8; 64 ] do
                testCase $"comes {shrink} times smaller where asked, its side rounded up" (fun () ->
                    written "a.jpg" (jpeg Colour 0 131 70 (smooth 131 70)) (fun file ->
                        use decoder = new ImageDecoder()
                        Expect.equal (decoder.Open file) (struct (131, 70)) "its own size"
                        let pixels = decoder.Decode shrink
                        let times = min shrink 8
                        Expect.equal pixels.Shrink times "how much smaller"
                        Expect.equal pixels.Width ((131 + times - 1) / times) "width"
                        Expect.equal pixels.Height ((70 + times - 1) / times) "height"
                        Order.isLessThan (abs (int pixels.Rgb[0] - 40)) 15 "first red"))
        ]

let private pixel x y = [ x * 255 / 12; y * 255 / 8; 128 ]

let private picture (at: int -> int -> int list) =
    let bytes =
        [|
            for y in 0..8 do
                for x in 0..12 -> at x y |> List.map byte
        |]

    13, 9, bytes |> Array.collect Array.ofList

[<Tests>]
let pngs =
    testList
        "a PNG"
        [
            for interlaced in [ false; true ] do
                let how = if interlaced then "interlaced" else "row by row"

                let comes name depth colour palette sample at =
                    testCase $"{how} of {name} is decoded exactly" (fun () ->
                        expectPicture 0 (read (png 13 9 depth colour palette interlaced sample)) (picture at) "picture")

                comes "8-bit colour" 8 2 [||] pixel pixel
                comes "16-bit colour" 16 2 [||] (fun x y -> pixel x y |> List.map (fun v -> 257 * v)) pixel
                comes "8-bit gray" 8 0 [||] (fun x y -> [ 9 * x + y ]) (fun x y -> List.replicate 3 (9 * x + y))

                comes "16-bit gray" 16 0 [||] (fun x y -> [ 257 * (9 * x + y) ]) (fun x y ->
                    List.replicate 3 (9 * x + y))

                comes "black and white" 1 0 [||] (fun x y -> [ (x + y) % 2 ]) (fun x y ->
                    List.replicate 3 (255 * ((x + y) % 2)))

                comes "colour and alpha, which is dropped" 8 6 [||] (fun x y -> pixel x y @ [ x ]) pixel

                comes "gray and alpha, which is dropped" 8 4 [||] (fun x y -> [ 9 * x; y ]) (fun x _ ->
                    List.replicate 3 (9 * x))

                comes
                    "a palette"
                    2
                    3
                    [| 1uy; 2uy; 3uy; 250uy; 0uy; 7uy; 9uy; 99uy; 199uy |]
                    (fun x y -> [ (x + y) % 3 ])
                    (fun x y ->
                        match (x + y) % 3 with
                        | 0 -> [ 1; 2; 3 ]
                        | 1 -> [ 250; 0; 7 ]
                        | _ -> [ 9; 99; 199 ])
        ]

let private soundJpeg = lazy jpeg Colour 0 61 37 (smooth 61 37)
let private soundPng = lazy png 13 9 8 2 [||] false pixel
let private soundWebP = lazy webp 61 37 (smooth 61 37) [||]
let private soundBmp = lazy bmp 61 37 (smooth 61 37)
let private grays = Array.init (61 * 37) (fun i -> byte ((i * 7 + i / 61) % 128))
let private soundGif = lazy gif 61 37 grays

[<Tests>]
let others =
    testList
        "an image"
        [
            let exact name (file: Lazy<byte[]>) rgb =
                testCase $"of {name} is decoded exactly, whatever its file is called" (fun () ->
                    expectPicture 0 (read file.Value) (61, 37, rgb) "picture")

            exact "lossless WebP" soundWebP (smooth 61 37)
            exact "BMP" soundBmp (smooth 61 37)
            exact "GIF" soundGif (grays |> Array.collect (Array.replicate 3))

            for orientation in [ 1; 3; 6; 8 ] do
                testCase $"of WebP and orientation {orientation} comes upright" (fun () ->
                    let bytes = webp 24 10 (smooth 24 10) (orientationIn true orientation)
                    expectPicture 0 (read bytes) (uprightOf orientation 24 10 (smooth 24 10)) "picture")

            for length in [ 0; 4; 7 ] do
                testCase $"whose EXIF data are {length} bytes is as sound as it is without them" (fun () ->
                    let exif = "MM\000\042\000\000\000"B[.. length - 1]
                    expectPicture 0 (read (withExif exif soundJpeg.Value)) (read soundJpeg.Value) "JPEG"

                    // libspng refuses an eXIf chunk of no bytes.
                    if length > 0 then
                        let header, rest = Array.splitAt 33 soundPng.Value
                        let png = Array.concat [ header; chunk "eXIf" exif; rest ]
                        expectPicture 0 (read png) (read soundPng.Value) "PNG")

            testCase "with zeros in its middle third is decoded, and the decoder's warning told" (fun () ->
                let random = Random 1
                let rgb = Array.init (3 * 200 * 150) (fun _ -> byte (random.Next 256))
                let sound = jpeg Colour 0 200 150 rgb
                let bytes = Array.copy sound
                Array.fill bytes (bytes.Length / 3) (bytes.Length / 3) 0uy

                let warning bytes =
                    written "a.jpg" bytes (fun file ->
                        use decoder = new ImageDecoder()
                        decodeOnly decoder file
                        Option.ofObj decoder.Warning)

                Expect.stringStarts (Option.defaultValue "none" (warning bytes)) "Corrupt JPEG data" "warning"
                Expect.isNone (warning sound) "of the sound one")
        ]

/// The JPEG with its frame header's byte at an offset from the marker changed.
let private frameByte offset value =
    let bytes = Array.copy soundJpeg.Value

    let frame =
        Seq.init (bytes.Length - 1) id
        |> Seq.find (fun i -> bytes[i] = 0xFFuy && bytes[i + 1] = 0xC0uy)

    bytes[frame + offset] <- value
    bytes

[<Tests>]
let broken =
    testList
        "an image that is malformed is refused in one line with its file:"
        [
            for name, bytes, words in
                [
                    "nothing.jpg", (fun () -> [||]), "is empty"
                    "text.jpg", (fun () -> "these are words\n"B), "is no image (JPEG, PNG, WebP, BMP or GIF)"
                    "zeros.png", (fun () -> Array.zeroCreate 1000), "is no image"
                    "gif.jpg", (fun () -> "GIF89a\001\000\001\000"B), "cannot be decoded"
                    "start.jpg", (fun () -> soundJpeg.Value[..1]), "cannot be decoded"
                    "header.jpg", (fun () -> soundJpeg.Value[..100]), "cannot be decoded"
                    "half.jpg", (fun () -> soundJpeg.Value[.. soundJpeg.Value.Length / 2]), "Premature end of JPEG file"
                    "last.jpg",
                    (fun () -> soundJpeg.Value[.. soundJpeg.Value.Length - 20]),
                    "Premature end of JPEG file"
                    "twelve.jpg", (fun () -> frameByte 4 12uy), "precision 12"
                    "flat.jpg",
                    (fun () ->
                        frameByte 6 0uy
                        |> fun b ->
                            (b[Array.IndexOf(b, 0xC0uy) + 5] <- 0uy)
                            b),
                    "cannot be decoded"
                    "huge.jpg",
                    (fun () ->
                        let bytes = frameByte 5 0xFFuy
                        let frame = Array.IndexOf(bytes, 0xC0uy)
                        bytes[frame + 6] <- 0xFFuy
                        bytes),
                    "pixels"
                    "tiff.jpg", (fun () -> "II\042\000\008\000\000\000"B), "is a TIFF file, which is not decoded"
                    "photo.jpg", (fun () -> "\000\000\000\024ftypheic"B), "is a HEIF or AVIF file"
                    "half.webp", (fun () -> soundWebP.Value[.. soundWebP.Value.Length / 2]), "cannot be decoded"
                    "half.bmp", (fun () -> soundBmp.Value[.. soundBmp.Value.Length / 2]), "its data end too early"
                    "half.gif", (fun () -> soundGif.Value[.. soundGif.Value.Length * 3 / 4]), "its data end too early"
                    "header.png", (fun () -> soundPng.Value[..20]), "cannot be decoded"
                    "half.png", (fun () -> soundPng.Value[.. soundPng.Value.Length / 2]), "cannot be decoded"
                    "noend.png", (fun () -> pngHeader 13 9 8 2 false), "cannot be decoded"
                    "sum.png",
                    (fun () ->
                        let bytes = Array.copy soundPng.Value
                        bytes[45] <- bytes[45] ^^^ 0x55uy
                        bytes),
                    "cannot be decoded"
                    "huge.png", (fun () -> pngHeader 60000 60000 8 2 false), "60000 x 60000"
                    "depth.png", (fun () -> pngHeader 13 9 3 2 false), "cannot be decoded"
                ] do
                testCase name (fun () ->
                    written name (bytes ()) (fun file ->
                        let message = inputError (fun () -> decode file)
                        Expect.stringContains message words "words"
                        Expect.stringContains message file "file"
                        Expect.isFalse (message.Contains '\n') "one line"))
            testCase "a file that is not there" (fun () ->
                Expect.stringContains (inputError (fun () -> decode "none.jpg")) "none.jpg" "file")
            testCase "a pipe, which is not waited for" (fun () ->
                inTempFolder (fun folder ->
                    let pipe = Path.Combine(folder, "a.jpg")
                    use made = Diagnostics.Process.Start("mkfifo", pipe)
                    made.WaitForExit()
                    Expect.stringContains (inputError (fun () -> decode pipe)) "is empty" "words"))
            testCase "a folder" (fun () ->
                inTempFolder (fun folder ->
                    Expect.stringContains (inputError (fun () -> decode folder)) folder "folder"))
        ]

[<Tests>]
let damaged =
    testList
        "an image file with any bytes changed"
        [
            let survives (sound: Lazy<byte[]>) (changes: (NonNegativeInt * byte) list) cut =
                let bytes = Array.copy sound.Value

                for NonNegativeInt place, value in changes do
                    // Never the first ones, by which the format is known.
                    bytes[4 + place % (bytes.Length - 4)] <- value

                written "image" bytes[.. bytes.Length - 1 - cut % (bytes.Length - 4)] (fun file ->
                    try
                        let _, _, rgb = decode file
                        rgb.Length > 0
                    with :? LongTail.Core.InputException as e ->
                        e.Message.Contains file)

            testProperty "is decoded or refused, as a JPEG" (fun changes (NonNegativeInt cut) ->
                survives soundJpeg changes cut)

            testProperty "is decoded or refused, as a PNG" (fun changes (NonNegativeInt cut) ->
                survives soundPng changes cut)

            for name, sound in [ "WebP", soundWebP; "BMP", soundBmp; "GIF", soundGif ] do
                testProperty $"is decoded or refused, as a {name}" (fun changes (NonNegativeInt cut) ->
                    survives sound changes cut)

            testCase "leaves the decoder fit for the next one" (fun () ->
                inTempFolder (fun folder ->
                    let place name (bytes: byte[]) =
                        let file = Path.Combine(folder, name)
                        File.WriteAllBytes(file, bytes)
                        file

                    use decoder = new ImageDecoder()

                    for half, whole in
                        [
                            place "half.jpg" soundJpeg.Value[..400], place "whole.jpg" soundJpeg.Value
                            place "half.png" soundPng.Value[..60], place "whole.png" soundPng.Value
                        ] do
                        inputError (fun () -> decodeOnly decoder half) |> ignore
                        decoder.Open whole |> ignore
                        let pixels = decoder.Decode()
                        let _, _, expected = decode whole
                        Expect.equal (pixels.Rgb.ToArray()) expected "bytes"))
        ]

/// Small image files that tests write: JPEG by TurboJPEG, PNG by hand.
module LongTail.Tests.ImageFiles

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open System.Runtime.InteropServices
open SkiaSharp
open LongTail.Core.Images

[<DllImport("libturbojpeg.so.0")>]
extern nativeint private tjInitCompress()

[<DllImport("libturbojpeg.so.0")>]
extern int private tjDestroy(nativeint handle)

[<DllImport("libturbojpeg.so.0")>]
extern void private tjFree(nativeint buffer)

[<DllImport("libturbojpeg.so.0")>]
extern int private tjCompress2(
    nativeint handle,
    byte[] pixels,
    int width,
    int pitch,
    int height,
    int format,
    nativeint& jpeg,
    unativeint& size,
    int subsampling,
    int quality,
    int flags
)

/// How samples are laid out: pixel format and chroma subsampling, as TurboJPEG numbers them.
type JpegLayout =
    | Colour
    | HalfColour
    | Gray
    | Inks

let progressive = 16384

/// Rows of red, green and blue (of inks: cyan, magenta, yellow and black) as a JPEG of the best quality.
let jpeg layout flags width height (pixels: byte[]) =
    let format, subsampling =
        match layout with
        | Colour -> 0, 0
        | HalfColour -> 0, 2
        | Gray -> 6, 3
        | Inks -> 11, 0

    let handle = tjInitCompress ()
    let mutable buffer = 0n
    let mutable size = 0un

    try
        if
            tjCompress2 (handle, pixels, width, 0, height, format, &buffer, &size, subsampling, 100, flags)
            <> 0
        then
            failwith "tjCompress2"

        let bytes: byte[] = Array.zeroCreate (int size)
        Marshal.Copy(buffer, bytes, 0, bytes.Length)
        bytes
    finally
        tjFree buffer
        tjDestroy handle |> ignore

/// What EXIF says of this orientation.
let orientationIn (little: bool) orientation =
    let u16 (value: int) =
        let bytes = [| byte (value >>> 8); byte value |]
        if little then Array.rev bytes else bytes

    Array.concat
        [
            (if little then "II"B else "MM"B)
            u16 42
            (if little then
                 [| 8uy; 0uy; 0uy; 0uy |]
             else
                 [| 0uy; 0uy; 0uy; 8uy |])
            u16 1
            u16 0x0112
            u16 3
            (if little then
                 [| 1uy; 0uy; 0uy; 0uy |]
             else
                 [| 0uy; 0uy; 0uy; 1uy |])
            u16 orientation
            u16 0
            Array.zeroCreate 4
        ]

/// The bytes behind an EXIF segment's name, in a JPEG's first segment.
let withExif (exif: byte[]) (jpeg: byte[]) =
    let length = 2 + 6 + exif.Length

    Array.concat
        [
            jpeg[..1]
            [| 0xFFuy; 0xE1uy; byte (length >>> 8); byte length |]
            "Exif\000\000"B
            exif
            jpeg[2..]
        ]

/// The JPEG with an EXIF segment that holds this orientation.
let oriented little orientation jpeg =
    withExif (orientationIn little orientation) jpeg

let private crc (bytes: byte[]) =
    let mutable sum = 0xFFFFFFFFu

    for value in bytes do
        sum <- sum ^^^ uint32 value

        for _ in 1..8 do
            sum <- (sum >>> 1) ^^^ (if sum &&& 1u = 1u then 0xEDB88320u else 0u)

    ~~~sum

let private big (value: uint32) =
    let bytes: byte[] = Array.zeroCreate 4
    BinaryPrimitives.WriteUInt32BigEndian(bytes, value)
    bytes

let chunk (name: string) (data: byte[]) =
    let named = Array.append (Text.Encoding.ASCII.GetBytes name) data
    Array.concat [ big (uint32 data.Length); named; big (crc named) ]

let private signature =
    [| 0x89uy; 0x50uy; 0x4Euy; 0x47uy; 0x0Duy; 0x0Auy; 0x1Auy; 0x0Auy |]

let pngHeader width height (depth: int) (colour: int) interlaced =
    let data =
        Array.concat
            [
                big (uint32 width)
                big (uint32 height)
                [| byte depth; byte colour; 0uy; 0uy; (if interlaced then 1uy else 0uy) |]
            ]

    Array.append signature (chunk "IHDR" data)

/// A PNG of the samples that `sample x y` gives, each a whole number of bits that `depth` says; colour types as PNG's:
/// 0 gray, 2 colour, 3 palette, 4 gray and alpha, 6 colour and alpha.
let png width height depth colour (palette: byte[]) interlaced (sample: int -> int -> int list) =
    let passes =
        if interlaced then
            [
                0, 0, 8, 8
                4, 0, 8, 8
                0, 4, 4, 8
                2, 0, 4, 4
                0, 2, 2, 4
                1, 0, 2, 2
                0, 1, 1, 2
            ]
        else
            [ 0, 0, 1, 1 ]

    let rows =
        [
            for left, top, right, down in passes do
                let columns = [ left..right .. width - 1 ]

                if not columns.IsEmpty then
                    for y in top..down .. height - 1 do
                        // Filter 0, then the samples' bits from the top.
                        let bits =
                            [
                                for x in columns do
                                    for value in sample x y do
                                        for bit in depth - 1 .. -1 .. 0 -> (value >>> bit) &&& 1
                            ]

                        0uy

                        for eight in List.chunkBySize 8 bits do
                            byte (eight |> List.mapi (fun i bit -> bit <<< (7 - i)) |> List.sum)
        ]

    use packed = new MemoryStream()

    (use zip = new ZLibStream(packed, CompressionLevel.Fastest, true)
     zip.Write(ReadOnlySpan(Array.ofList rows)))

    Array.concat
        [
            pngHeader width height depth colour interlaced
            if palette.Length > 0 then
                chunk "PLTE" palette
            chunk "IDAT" (packed.ToArray())
            chunk "IEND" [||]
        ]

let private little (bytes: int) value =
    [| for i in 0 .. bytes - 1 -> byte (value >>> (8 * i)) |]

/// A BMP of 24 bits: its rows from the bottom, blue first.
let bmp width height (rgb: byte[]) =
    let stride = (3 * width + 3) / 4 * 4

    let rows =
        [|
            for y in height - 1 .. -1 .. 0 do
                for x in 0 .. width - 1 do
                    for c in 2..-1..0 -> rgb[3 * (y * width + x) + c]

                yield! Array.zeroCreate (stride - 3 * width)
        |]

    Array.concat
        [
            "BM"B
            little 4 (54 + rows.Length)
            little 4 0
            little 4 54
            yield! [ little 4 40; little 4 width; little 4 height; little 2 1; little 2 24 ]
            little 4 0
            little 4 rows.Length
            Array.zeroCreate 16
            rows
        ]

/// A GIF of gray values below 128: codes of eight bits, as the table is cleared before it grows.
let gif width height (gray: byte[]) =
    let codes =
        [|
            for part in Array.chunkBySize 100 gray do
                128uy
                yield! part

            129uy
        |]

    Array.concat
        [
            "GIF89a"B
            little 2 width
            little 2 height
            [| 0xF6uy; 0uy; 0uy |]
            Array.collect (fun i -> Array.replicate 3 (byte i)) [| 0..127 |]
            [| 0x2Cuy; 0uy; 0uy; 0uy; 0uy |]
            little 2 width
            little 2 height
            [| 0uy; 7uy |]
            for block in Array.chunkBySize 255 codes do
                Array.append [| byte block.Length |] block
            [| 0uy; 0x3Buy |]
        ]

/// A lossless WebP, with an EXIF chunk where bytes for it are given.
let webp width height (rgb: byte[]) (exif: byte[]) =
    use bitmap =
        new SKBitmap(SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque))

    for y in 0 .. height - 1 do
        for x in 0 .. width - 1 do
            let at = 3 * (y * width + x)
            bitmap.SetPixel(x, y, SKColor(rgb[at], rgb[at + 1], rgb[at + 2]))

    use map = bitmap.PeekPixels()

    use encoded =
        map.Encode(SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 100f))

    let plain = encoded.ToArray()

    if exif.Length = 0 then
        plain
    else
        let part (name: string) (data: byte[]) =
            Array.concat
                [
                    Text.Encoding.ASCII.GetBytes name
                    little 4 data.Length
                    data
                    Array.zeroCreate (data.Length % 2)
                ]

        let body =
            Array.concat
                [
                    "WEBP"B
                    part "VP8X" (Array.concat [ little 4 8; little 3 (width - 1); little 3 (height - 1) ])
                    plain[12..]
                    part "EXIF" exif
                ]

        Array.concat [ "RIFF"B; little 4 body.Length; body ]

/// Width, height and the rows of red, green and blue of a file.
let decode (file: string) =
    use decoder = new ImageDecoder()
    decoder.Open file |> ignore
    let pixels = decoder.Decode()
    pixels.Width, pixels.Height, pixels.Rgb.ToArray()

/// Decodes and forgets.
let decodeOnly (decoder: ImageDecoder) (file: string) =
    decoder.Open file |> ignore
    let pixels = decoder.Decode()
    ignore pixels.Width

/// A smooth picture: what a decoder makes of it is close to it, however it was compressed.
let smooth width height =
    [|
        for y in 0 .. height - 1 do
            for x in 0 .. width - 1 do
                yield byte (40 + 150 * x / width)
                yield byte (30 + 180 * y / height)
                yield byte (200 - 80 * x / width - 60 * y / height)
    |]

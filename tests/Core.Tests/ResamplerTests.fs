/// Crops and sizes against Pillow's own bytes, and the rectangles that are drawn.
module LongTail.Tests.ResamplerTests

open System
open Expecto
open FsCheck
open LongTail.Core
open LongTail.Core.Images

let private width, height = 23, 17

/// A picture without smooth places, so that every weight counts.
let private rough =
    [|
        for y in 0 .. height - 1 do
            for x in 0 .. width - 1 do
                for c in 0..2 -> byte ((x * 37 + y * 91 + c * 53 + x * y * 7) % 256)
    |]

let private toPixels (resampler: Resampler) rgb shrink frame w h =
    let target = Array.zeroCreate<byte>(3 * w * h)

    let source =
        Pixels(ReadOnlySpan(rgb: byte[]), (width + shrink - 1) / shrink, (height + shrink - 1) / shrink, shrink)

    resampler.ToPixels(source, &frame, w, h, target.AsSpan())
    target

let private farthest (left: byte[]) (right: byte[]) =
    Array.map2 (fun a b -> abs (int a - int b)) left right |> Array.max

[<Tests>]
let tests =
    testList
        "resampling"
        [
            // What Pillow 9.4 gives, of crop().resize(BILINEAR), or of resize(BILINEAR, box) where the filter sees the whole.
            for frame, w, h, hex: string in
                [
                    Frame(3., 2., 17., 13., false),
                    5,
                    4,
                    ("918b7c808279838786858f85867787847b7d82817a856d8c86818a8b7e817689767c7f9088788e83767c"
                     + "77807e619462688e7584857380746d828276")

                    Frame(5., 5., 4., 3., false),
                    6,
                    6,
                    ("2f64995388bd83b8c2b3e84863984d073c714f847974899e9a9aaea1cb60679c512c61568ec338b58a5f"
                     + "c75d877c90906fa45975aa1f8dc237b58a5fca558a816095778c617fb4294c8176768ba0a383b8b13b70"
                     + "7e5368487d722b6095568bc08f9acfc9285d82376c2d6297")

                    Frame(1.5, 0.25, 19.25, 16.25, true),
                    7,
                    3,
                    ("7f868688867f7c7f808284817f8c7b8481838b877a8a798179867b7f818485728c8a7a897a7c7f80807f"
                     + "7c7d7c639267758f7a88837d857777797c7687837c")

                    Frame(0., 0., 23., 17., true), 2, 2, ("818281847f7e7b847a827f7c")

                    Frame(4., 4., 5., 12., false),
                    5,
                    12,
                    ("70a5dab1e61bf2275c33689d74a9dee71c512f649977ace1bff429073c715e93c8ade217fc31664b80b5"
                     + "9acf04d50a3f2b609581b6ebd70c412d62974c81b6a9de13063b706398cdc0f52ac3f82d275c918bc0f5"
                     + "ef24595388bd3a6fa4a5da0f10457a7bb0e5e61b50b1e61b23588d95caff073c7179aee3285d92a1d60b"
                     + "1a4f8493c8fd0c41769fd4091f54899fd4091f54899fd409164b809dd20724598eabe01532679c8dc2f7"
                     + "1b5085a9de13376ca1c5fa2f")
                ] do
                testCase $"%.2f{frame.Width} x %.2f{frame.Height} pixels to {w} x {h} is Pillow's within 1" (fun () ->
                    let found = toPixels (Resampler()) rough 1 frame w h
                    Order.isLessThanOrEqual (farthest found (Convert.FromHexString hex)) 1 "levels apart")
            testCase "of a whole image to its own size changes no byte" (fun () ->
                Expect.equal (toPixels (Resampler()) rough 1 (Frame.All(width, height)) width height) rough "bytes")
            testCase "gives planes in the order of colours, rows and columns" (fun () ->
                let frame = Frame(2., 3., 11., 9., false)
                let pixels = toPixels (Resampler()) rough 1 frame 6 6
                let planes = Array.zeroCreate<byte>(3 * 6 * 6)
                Resampler().ToPlanes(Pixels(ReadOnlySpan rough, width, height), &frame, 6, 6, planes.AsSpan())

                for c in 0..2 do
                    for i in 0..35 do
                        Expect.equal planes[c * 36 + i] pixels[3 * i + c] "a byte")
            testCase "asks for room for what it writes" (fun () ->
                Expect.throwsT<ArgumentException>
                    (fun () ->
                        let frame = Frame.All(width, height)
                        let short = Array.zeroCreate<byte>(3 * 6 * 6 - 1)
                        Resampler().ToPlanes(Pixels(ReadOnlySpan rough, width, height), &frame, 6, 6, short.AsSpan()))
                    "too little room")
            testProperty "of a plain image is plain, whatever the frame" (fun (key: uint64) (colour: byte) ->
                let frame = RandomFraming(5).Of(width, height, key)
                let plain = Array.replicate rough.Length colour
                toPixels (Resampler()) plain 1 frame 5 5 |> Array.forall ((=) colour))
            testCase "of an image that was shrunk looks at the same place" (fun () ->
                // A ramp to the right: its mean over two pixels is the shrunk image.
                let ramp w times =
                    [|
                        for _ in 1 .. (height + times - 1) / times do
                            for x in 0 .. w - 1 do
                                for _ in 0..2 -> byte (times * 10 * x + 5 * (times - 1))
                    |]

                let frame = Frame(4., 2., 12., 12., false)
                let whole = toPixels (Resampler()) (ramp width 1) 1 frame 3 3
                let shrunk = toPixels (Resampler()) (ramp ((width + 1) / 2) 2) 2 frame 3 3
                Order.isLessThanOrEqual (farthest whole shrunk) 4 "levels apart")
            testCase "keeps its memory: a second image allocates nothing" (fun () ->
                let resampler = Resampler()
                let target = Array.zeroCreate<byte>(3 * 8 * 8)

                let resize () =
                    let frame = RandomFraming(8).Of(width, height, 3UL)
                    resampler.ToPlanes(Pixels(ReadOnlySpan rough, width, height), &frame, 8, 8, target.AsSpan())

                resize ()
                let before = GC.GetAllocatedBytesForCurrentThread()

                for _ in 1..100 do
                    resize ()

                // The framing itself is an object here.
                Order.isLessThan (GC.GetAllocatedBytesForCurrentThread() - before) 10_000L "bytes")
        ]

let private inside (frame: Frame) w h =
    frame.Left >= 0.
    && frame.Top >= 0.
    && frame.Left + frame.Width <= float w
    && frame.Top + frame.Height <= float h

[<Tests>]
let framing =
    testList
        "framing"
        [
            testProperty "at random stays in the image" (fun (PositiveInt w) (PositiveInt h) key ->
                inside (RandomFraming(224).Of(w, h, key)) w h)
            testCase "at random has the areas and shapes that were asked for" (fun () ->
                let frames =
                    [
                        for key in 0L .. 1999L ->
                            RandomFraming(224).Of(1000, 1000, Randomness.Key(1L, Purpose.Framing, key))
                    ]

                let areas = [ for frame in frames -> frame.Width * frame.Height / 1e6 ]
                let shapes = [ for frame in frames -> log (frame.Width / frame.Height) ]
                Order.isGreaterThan (List.min areas) 0.079 "smallest area"
                // The mean of what is drawn is 0.54; above 0.75 not every shape fits, and another pair is drawn.
                Order.isLessThan (abs (List.average areas - 0.478)) 0.02 "mean area"
                Order.isLessThan (shapes |> List.map abs |> List.max) (log (4. / 3.) + 0.01) "shape"
                Order.isLessThan (abs (List.average shapes)) 0.02 "wide as often as narrow"
                Order.isGreaterThan (frames |> List.map _.Left |> List.max) 500. "far right"
                Order.isGreaterThan (frames |> List.map _.Top |> List.max) 500. "far down")
            testCase "at random is the centre where nothing fits" (fun () ->
                let wide = RandomFraming(8).Of(1000, 2, 5UL)
                Expect.equal wide (Frame(498., 0., 3., 2., false)) "of a wide image"
                let narrow = RandomFraming(8).Of(3, 1000, 5UL)
                Expect.equal narrow (Frame(0., 498., 3., 4., false)) "of a narrow image")
            testCase "in the centre takes what torchvision's Resize and CentreCrop leave" (fun () ->
                // 500 x 375 becomes 341 x 256; the crop begins at 58 and 16.
                let frame = CentreFraming(224, 256).Of(500, 375, 0UL)
                let across, down = 500. / 341., 375. / 256.
                Expect.equal frame (Frame(58. * across, 16. * down, 224. * across, 224. * down, true)) "frame")
            testCase "in the centre of less than it crops is refused" (fun () ->
                Expect.throwsT<InvalidOperationException>
                    (fun () -> CentreFraming(224, 200).Of(500, 375, 0UL) |> ignore)
                    "short side")
            testCase "says how much smaller an image may come" (fun () ->
                let shrink side =
                    Frame(0., 0., 900., 950., false).Shrink(side, side)

                Expect.equal ([ 901; 900; 450; 226; 225; 112; 10 ] |> List.map shrink) [ 1; 1; 2; 2; 4; 8; 8 ] "shrink")
        ]

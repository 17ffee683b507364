/// The operations of AutoAugment and RandAugment: against the published code's images (golden/README.md), on any file of
/// that form (LONGTAIL_GOLDEN_AUGMENT), and by their laws.
module LongTail.Tests.AugmentTests

open System
open System.IO
open Expecto
open TorchSharp
open LongTail.Core.Data
open LongTail.Core.Data.Transforms
open LongTail.Core.Files
open LongTail.Core.Settings
open LongTail.Tests.Tensors

type private F = torch.nn.functional

/// The operations by the names that golden files have, and whether every value must agree.
let private golden =
    Map
        [
            "shearX", (PixelOperation.ShearX, false)
            "shearY", (PixelOperation.ShearY, false)
            "translateX", (PixelOperation.TranslateX, false)
            "translateY", (PixelOperation.TranslateY, false)
            "rotate", (PixelOperation.Rotate, false)
            "color", (PixelOperation.Colour, true)
            "posterize", (PixelOperation.Posterize, true)
            "solarize", (PixelOperation.Solarize, true)
            "contrast", (PixelOperation.Contrast, true)
            "sharpness", (PixelOperation.Sharpness, true)
            "brightness", (PixelOperation.Brightness, true)
            "autocontrast", (PixelOperation.AutoContrast, true)
            "equalize", (PixelOperation.Equalize, true)
            "invert", (PixelOperation.Invert, true)
        ]

let private apply operation amount (images: torch.Tensor) =
    PixelOperations.Apply(images, operation, amount)

/// Values, and those that are more than one off.
let private apart (actual: torch.Tensor) (expected: torch.Tensor) =
    let differences =
        (actual.to_type torch.ScalarType.Int32 - expected.to_type torch.ScalarType.Int32).abs()

    let count (tensor: torch.Tensor) = tensor.sum().ToInt64()
    count (differences.gt ((0).ToScalar())), count (differences.gt ((1).ToScalar()))

/// On the CPU's own way and on that of a GPU.
let private ways =
    [
        "on canvases", apply
        "by tensor operations",
        fun operation amount images -> PixelOperations.ApplyByOperators(images, operation, amount)
    ]

let private agrees (way: string, apply) (name: string) =
    testCase $"{name} {way}"
    <| scoped (fun () ->
        use file = Safetensors.Read(SharedData.goldenAugment ())

        match name.Split '.' with
        | [| operation; level; sign |] ->
            let operation, exact = golden[operation]
            let amount = PixelOperations.Amount(operation, float level / 9., (sign = "-"))
            let expected = file[name]
            let unequal, far = apart (apply operation amount file["input"]) expected

            if exact then
                Expect.equal unequal 0L "values that differ"
            else
                Order.isLessThanOrEqual (float far) (0.01 * float (expected.numel ())) "values more than 1 off"
        | _ -> failtest "a golden tensor is called OPERATION.LEVEL.SIGN")

let private goldenNames =
    try
        use file = Safetensors.Read(SharedData.goldenAugment ())

        [
            for tensor in file.Tensors do
                if golden.ContainsKey(tensor.Name.Split('.')[0]) then
                    tensor.Name
        ]
        |> List.sort
    with _ ->
        // Where there is no file, this one says so.
        [ "every operation" ]

let private sevenths (tensor: torch.Tensor) =
    let chosen = torch.arange ((0).ToScalar(), (224).ToScalar(), (7).ToScalar())
    tensor.index_select(2L, chosen).index_select(3L, chosen)

let private black, private white = Rgb(0., 0., 0.), Rgb(1., 1., 1.)

let private resize name expected test =
    testCase name
    <| scoped (fun () ->
        use file = Safetensors.Read(SharedData.goldenAugment ())
        let input = InputSettings([||], test, black, white)
        let actual = Batches.Evaluation(file["input"].narrow(0L, 0L, 1L), input)
        let difference = (sevenths actual - file[expected]).abs().max().item<float32>()
        Order.isLessThan difference 1e-6f "largest difference")

let private goldenTests =
    testList
        "golden"
        [
            for way in ways do
                yield! goldenNames |> List.map (agrees way)
            resize "the training resize" "resize.32to224.bilinear" [| Resize 224 |]
            resize "the test resize" "resize.32to256.pil_bilinear.crop224" [| ResizeShort 256; CentreCrop 224 |]
        ]

let private images channels height width (seed: int) =
    let values = Array.zeroCreate<byte>(3 * channels * height * width)
    Random(seed).NextBytes values
    torch.tensor (values, ReadOnlySpan [| 3L; int64 channels; int64 height; int64 width |])

/// Sizes around those of a vector, and one or three planes.
let private some (seed: int) =
    let random = Random seed
    images (if random.Next 3 = 0 then 1 else 3) (random.Next(1, 41)) (random.Next(1, 41)) seed

let private bytes (tensor: torch.Tensor) = tensor.bytes.ToArray()
let private all = Enum.GetValues<PixelOperation>() |> List.ofArray

/// What an operation does with one gray row.
let private ofRow operation amount (row: byte list) =
    let image =
        torch.tensor (List.toArray row, ReadOnlySpan [| 1L; 1L; 1L; int64 row.Length |])

    apply operation amount image |> bytes |> List.ofArray

let private law name (holds: torch.Tensor -> unit) =
    testProperty name (fun seed ->
        use _ = torch.NewDisposeScope()
        holds (some seed))

let private lawTests =
    testList
        "laws"
        [
            law "without magnitude nothing changes" (fun image ->
                for operation in all do
                    match operation with
                    | PixelOperation.AutoContrast
                    | PixelOperation.Equalize
                    | PixelOperation.Invert -> ()
                    | _ ->
                        for negative in [ false; true ] do
                            let amount = PixelOperations.Amount(operation, 0., negative)
                            Expect.equal (bytes (apply operation amount image)) (bytes image) $"{operation}")
            law "the images given stay as they are" (fun image ->
                let before = bytes image

                for operation in all do
                    apply operation (PixelOperations.Amount(operation, 1., true)) image |> ignore

                Expect.equal (bytes image) before "images")
            law "inverting twice is nothing" (fun image ->
                let twice =
                    image |> apply PixelOperation.Invert 0. |> apply PixelOperation.Invert 0.

                Expect.equal (bytes twice) (bytes image) "images")
            law "posterize done twice is done once" (fun image ->
                let once = apply PixelOperation.Posterize 5. image
                Expect.equal (bytes (apply PixelOperation.Posterize 5. once)) (bytes once) "images")
            law "a plane of one value has nothing to stretch or to spread" (fun image ->
                let plain = torch.full (image.shape, (77).ToScalar(), torch.ScalarType.Byte)

                for operation in
                    [
                        PixelOperation.AutoContrast
                        PixelOperation.Equalize
                        PixelOperation.Sharpness
                        PixelOperation.Colour
                        PixelOperation.Contrast
                    ] do
                    Expect.equal (bytes (apply operation 0.1 plain)) (bytes plain) $"{operation}")
            law "equalize and autocontrast keep the order of values" (fun image ->
                for operation in [ PixelOperation.AutoContrast; PixelOperation.Equalize ] do
                    let plane (tensor: torch.Tensor) =
                        tensor.select(0L, 0L).select(0L, 0L).contiguous() |> bytes

                    let result = plane (apply operation 0. image)

                    let sorted = Array.zip (plane image) result |> Array.sort |> Array.map snd
                    Expect.equal sorted (Array.sort result) $"{operation}")
            law "along columns is along rows of the transposed image" (fun image ->
                let transposed (tensor: torch.Tensor) = tensor.transpose(2L, 3L).contiguous()

                for rows, columns in
                    [
                        PixelOperation.ShearX, PixelOperation.ShearY
                        PixelOperation.TranslateX, PixelOperation.TranslateY
                    ] do
                    let there = transposed image |> apply rows 0.27 |> transposed
                    Expect.equal (bytes (apply columns 0.27 image)) (bytes there) $"{columns}")
            law "translated by the whole side nothing is left" (fun image ->
                for operation in [ PixelOperation.TranslateX; PixelOperation.TranslateY ] do
                    for way in [ -1.; 1. ] do
                        Expect.allEqual (bytes (apply operation way image)) 128uy $"{operation}")
            law "sharpness leaves the border as it is" (fun image ->
                let inner = apply PixelOperation.Sharpness 0.1 image
                let last (tensor: torch.Tensor) dimension = tensor.select (dimension, -1L)

                for dimension in [ 2L; 3L ] do
                    expectSameBits (inner.select (dimension, 0L)) (image.select (dimension, 0L)) "first"
                    expectSameBits (last inner dimension) (last image dimension) "last")
            law "a gray image has no colour to change" (fun image ->
                let gray = image.narrow(1L, 0L, 1L).expand(-1L, 3L, -1L, -1L).contiguous()
                Expect.equal (bytes (apply PixelOperation.Colour 1.7 gray)) (bytes gray) "three channels"
                let one = gray.narrow(1L, 0L, 1L).contiguous()
                Expect.equal (bytes (apply PixelOperation.Colour 1.7 one)) (bytes one) "one channel")
            law "what an image becomes does not depend on its neighbours" (fun image ->
                for operation in all do
                    let amount = PixelOperations.Amount(operation, 0.8, false)
                    let together = apply operation amount image

                    for i in 0L .. 2L do
                        let alone = apply operation amount (image.narrow (0L, i, 1L))
                        Expect.equal (bytes alone) (bytes (together.narrow(0L, i, 1L).contiguous())) $"{operation}")
            testCase "by hand" (fun () ->
                use _ = torch.NewDisposeScope()
                let row = [ 0uy; 10uy; 100uy; 200uy; 255uy ]

                for operation, amount, expected in
                    [
                        PixelOperation.Invert, 0., [ 255uy; 245uy; 155uy; 55uy; 0uy ]
                        PixelOperation.Solarize, 100., [ 0uy; 10uy; 155uy; 55uy; 0uy ]
                        PixelOperation.Posterize, 4., [ 0uy; 0uy; 96uy; 192uy; 240uy ]
                        PixelOperation.Brightness, 1.5, [ 0uy; 15uy; 150uy; 255uy; 255uy ]
                        // The mean is 113.
                        PixelOperation.Contrast, 0.5, [ 56uy; 61uy; 106uy; 156uy; 184uy ]
                        PixelOperation.TranslateX, 0.2, [ 10uy; 100uy; 200uy; 255uy; 128uy ]
                        PixelOperation.TranslateX, -0.4, [ 128uy; 128uy; 0uy; 10uy; 100uy ]
                        PixelOperation.Sharpness, 1.9, row
                    ] do
                    Expect.equal (ofRow operation amount row) expected $"{operation}"

                Expect.equal
                    (ofRow PixelOperation.AutoContrast 0. [ 50uy; 75uy; 100uy ])
                    // Pillow's 254: in double 5.1 * 100 - 5.1 * 50 is just below 255.
                    [ 0uy; 127uy; 254uy ]
                    "autocontrast")
            testCase "what shears is a cubic through four pixels, the ends repeated" (fun () ->
                use _ = torch.NewDisposeScope()
                // By half a pixel: (-1 5 5 -1) / 8; the last pixel comes from outside.
                Expect.equal
                    (ofRow PixelOperation.ShearX 1. [ 0uy; 80uy; 160uy; 200uy; 40uy; 80uy ])
                    [ 30uy; 125uy; 210uy; 120uy; 40uy; 128uy ]
                    "one row")
            testCase "a smaller image is made of means" (fun () ->
                use _ = torch.NewDisposeScope()

                let image =
                    torch.tensor ([| 0uy; 40uy; 80uy; 120uy |], ReadOnlySpan [| 1L; 1L; 1L; 4L |])

                let row =
                    Batches.Evaluation(
                        image.expand(1L, 1L, 4L, 4L).contiguous(),
                        InputSettings([||], [| ResizeShort 2 |], black, Rgb(1. / 255., 1. / 255., 1. / 255.))
                    )

                // Triangles of four pixels, three and a half of them inside: (3 3 1) / 7.
                let expected =
                    torch.tensor([| 29.f; 91.f |]).view(1L, 1L, 1L, 2L).expand(1L, 3L, 2L, 2L)

                Order.isLessThan ((row - expected).abs().max().item<float32>()) 1e-3f "rows")
            testCase "every choice of every image has a key of its own" (fun () ->
                let keys =
                    [
                        for choice in Enum.GetValues<Choice>() do
                            for seed in 0L .. 2L do
                                for step in 0L .. 9L do
                                    for position in 0..20 -> choice.Key(seed, step, position)
                    ]

                Expect.equal (List.distinct keys).Length keys.Length "keys")
            testCase "a quarter turn turns counter-clockwise" (fun () ->
                use _ = torch.NewDisposeScope()

                let image =
                    torch.tensor ([| 1uy; 2uy; 3uy; 4uy |], ReadOnlySpan [| 1L; 1L; 2L; 2L |])

                Expect.equal (bytes (apply PixelOperation.Rotate 90. image)) [| 2uy; 4uy; 1uy; 3uy |] "image")
        ]

[<Tests>]
let tests = testList "augment" [ goldenTests; lawTests ]

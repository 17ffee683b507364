/// The native block against libtorch's own operators, on transformers of any small shape, in both precisions and at every level of
/// instructions that this machine has.
module LongTail.Tests.FrozenBlockTests

open System
open FsCheck.FSharp
open TorchSharp
open Expecto
open LongTail.Core
open LongTail.Core.Models
open LongTail.Core.Settings
open LongTail.Tests.Tensors

type private Case =
    {
        Architecture: Architecture
        Images: int64
        Prompts: int64
        Precision: Precision
        Level: int
        Seed: int
    }

let private cases =
    gen {
        let! heads = Gen.choose (1, 3)
        let! headWidth = Gen.choose (3, 36)
        let! patches = Gen.choose (1, 7)
        let! images = Gen.choose (1, 5)
        let! prompts = Gen.choose (0, 9)
        let! quick = Gen.elements [ true; false ]
        let! scaled = Gen.elements [ true; false ]
        let! pooling = Gen.elements (System.Enum.GetValues<Pooling>())
        let! registers = Gen.choose (0, 2)
        let! depth = Gen.choose (1, 3)
        let! precision = Gen.elements [ Precision.Float32; Precision.BFloat16 ]
        let! level = Gen.choose (0, FrozenBlock.Levels - 1)
        let! seed = Gen.choose (0, 10000)

        return
            {
                Architecture =
                    Architecture(
                        VisionTransformerShape(2 * patches, 2, heads * headWidth, depth, heads),
                        Activation = (if quick then Activation.QuickGelu else Activation.Gelu),
                        LayerScale = scaled,
                        Pooling = pooling,
                        Registers = registers
                    )
                Images = int64 images
                Prompts = int64 prompts
                Precision = precision
                Level = level
                Seed = seed
            }
    }

let private law name body =
    testPropertyWithConfig
        { FsCheckConfig.defaultConfig with
            maxTest = 40
        }
        name
    <| Prop.forAll (Arb.fromGen cases) (fun case -> scoped (fun () -> body case) ())

let private stream case (number: int64) =
    Randomness.Stream(int64 case.Seed, Purpose.Initial, number)

let private single = torch.ScalarType.Float32

/// Values of a size at which the branches, their curvature and the attention's differences all show.
let private parametersOf case (precision: torch.ScalarType) =
    use stream = stream case 0L

    let drawn =
        dict
            [
                for struct (name, sizes) in BackboneLayout.Of case.Architecture do
                    let noise =
                        torch.randn (sizes, generator = stream) / sqrt (float (Array.last sizes))

                    let middle =
                        if name.Contains "norm" && name.EndsWith ".weight" then
                            1.
                        else
                            0.

                    name, (noise + middle).``to`` precision
            ]

    fun (name: string) -> drawn[name]

let private block case precision (parameter: string -> torch.Tensor) (number: int) =
    FrozenBlock.Of(case.Architecture, (fun name -> parameter $"blocks.{number}.{name}"), precision, case.Level)

let private native precision case (parameter: string -> torch.Tensor) =
    let blocks =
        [|
            for i in 0 .. case.Architecture.Shape.Depth - 1 -> block case precision parameter i
        |]

    VisionTransformer(case.Architecture, parameter, FrozenBlocks blocks)

let private plain case (parameter: string -> torch.Tensor) =
    VisionTransformer(case.Architecture, parameter)

/// Features of drawn images and, where they are recorded, the gradient of a function of them with respect to the prompts.
let private compute transformer precision case =
    use stream = stream case 1L
    let shape = case.Architecture.Shape
    let side = int64 shape.InputSide

    let drawn (sizes: int64 array) =
        (torch.randn (sizes, generator = stream)).``to``(precision: torch.ScalarType)

    let images = drawn [| case.Images; 3L; side; side |]

    let prompts: torch.Tensor | null =
        if case.Prompts = 0L then
            null
        else
            (drawn [| int64 shape.Depth; case.Prompts; int64 shape.Width |]).requires_grad_()

    let vit: VisionTransformer = transformer case (parametersOf case precision)
    let features = vit.Features(images, prompts, Readout.ClsAndPrompts)

    [
        "features", features

        if features.requires_grad then
            features.pow((3).ToScalar()).sum().backward()
            "the prompts' gradient", nonNull (nonNull prompts).grad
    ]

let private exactly case =
    compute plain torch.ScalarType.Float64 case

/// A norm of a few values may magnify any rounding: the plain path's is the measure where it is large.
let private near factors plainly tolerance case =
    for (name, ours), (_, theirs), (_, exact) in
        List.zip3 (compute (native factors) single case) (compute plain plainly case) (exactly case) do
        expectClose (max tolerance (3. * relativeError theirs exact)) ours exact name

/// What one block puts out for drawn tokens, whole and as a readout, and, where that is recorded, the gradients of both inputs.
let private inputsAndOutputs case =
    let shape = case.Architecture.Shape
    let parameter = parametersOf case single

    let block = FrozenBlocks [| block case case.Precision parameter 0 |]

    use stream = stream case 2L

    let drawn count =
        torch.randn ([| case.Images; count; int64 shape.Width |], generator = stream)

    let tokens = (drawn (int64 shape.InputSide)).requires_grad_()
    let prompts = (drawn case.Prompts).narrow(0L, 0L, 1L).contiguous().requires_grad_()

    let outputs, read =
        block.Forward(tokens, prompts), block.ForwardReadout(tokens, prompts)

    [
        outputs
        read

        if outputs.requires_grad then
            (outputs.pow((2).ToScalar()).sum() + read.sum ()).backward()
            nonNull tokens.grad
            nonNull prompts.grad
    ]

[<Tests>]
let tests =
    testList
        "frozen block"
        [
            law "in double precision, features and gradients are the plain path's" (fun case ->
                (compute (native Precision.Float32) torch.ScalarType.Float64 case, exactly case)
                ||> List.iter2 (fun (name, ours) (_, expected) -> expectClose 1e-12 ours expected name))

            law
                "in single precision, features and gradients are as near to double precision's as the plain path's"
                (near Precision.Float32 single 1e-5)

            law
                "in bfloat16, features and gradients are as near to double precision's as the plain path's"
                (near Precision.BFloat16 torch.ScalarType.BFloat16 0.05)

            law "bits are the same for any number of threads" (fun case ->
                (onThreads 1 (fun () -> inputsAndOutputs case), onThreads 3 (fun () -> inputsAndOutputs case))
                ||> List.iter2 (fun one three -> expectSameBits three one "outputs or gradients"))

            law "outputs have the same bits where nothing is kept for a backward pass" (fun case ->
                let recorded = inputsAndOutputs case

                let features () =
                    compute (native case.Precision) single case |> List.head |> snd

                let kept = features ()
                use _ = torch.no_grad ()
                expectSameBits (features ()) kept "features"

                for bare, kept in List.zip (inputsAndOutputs case) (List.take 2 recorded) do
                    expectSameBits bare kept "outputs")

            law "what is no number in one token is none in the image's others" (fun case ->
                let block =
                    FrozenBlocks [| block case case.Precision (parametersOf case single) 0 |]

                let tokens = torch.ones [| 2L; 2L; int64 case.Architecture.Shape.Width |]
                tokens.narrow(0L, 0L, 1L).narrow(1L, 0L, 1L).mul_(nan.ToScalar()) |> ignore
                let outputs = block.Forward(tokens, null).sum [| 2L |]
                let numbers = outputs.view(-1L).data<float32>().ToArray() |> Array.map Single.IsNaN
                Expect.equal numbers [| true; true; false; false |] "of two images with two tokens")

            testCase "tokens of another width are refused by name"
            <| scoped (fun () ->
                let case =
                    {
                        Architecture = Architecture(VisionTransformerShape(4, 2, 12, 1, 2))
                        Images = 1L
                        Prompts = 0L
                        Precision = Precision.Float32
                        Level = 0
                        Seed = 0
                    }

                let block =
                    FrozenBlocks [| block case case.Precision (parametersOf case single) 0 |]

                Expect.throwsC (fun () -> block.Forward(torch.randn [| 1L; 5L; 16L |], null) |> ignore) (fun e ->
                    Expect.stringStarts
                        e.Message
                        "tokens are Float32 (1, 5, 16) on cpu: the blocks take Float32 (B, T, 12) on cpu"
                        "message"))
        ]

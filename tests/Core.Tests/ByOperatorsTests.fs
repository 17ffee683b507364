/// A GPU's way of transforming images, here on the CPU: the bytes of the CPU's own way.
module LongTail.Tests.ByOperatorsTests

open System
open Expecto
open TorchSharp
open LongTail.Core.Data
open LongTail.Core.Data.Transforms
open LongTail.Core.Settings
open LongTail.Tests.Tensors

/// Noise, or shades of a few values or of one, as equalizing and stretching must do without dividing by nothing.
let private some (random: Random) =
    let count, channels = random.Next(1, 9), (if random.Next 3 = 0 then 1 else 3)
    let height, width = random.Next(1, 41), random.Next(1, 41)
    let range = [| 256; 256; 20; 2; 1 |][random.Next 5]
    let least = random.Next(257 - range)

    let values =
        Array.init (count * channels * height * width) (fun _ -> byte (least + random.Next range))

    torch.tensor (values, ReadOnlySpan [| int64 count; int64 channels; int64 height; int64 width |])

let private property name (agree: Random -> unit) =
    testProperty name (fun (seed: int) ->
        use _ = torch.NewDisposeScope()
        agree (Random seed))

let private operationTests =
    testList
        "operation"
        [
            for operation in Enum.GetValues<PixelOperation>() ->
                property $"{operation}" (fun random ->
                    let images = some random
                    let before = images.clone ()

                    let amount =
                        PixelOperations.Amount(operation, random.NextDouble(), random.Next 2 = 0)

                    expectSameBits
                        (PixelOperations.ApplyByOperators(images, operation, amount))
                        (PixelOperations.Apply(images, operation, amount))
                        $"{amount}"

                    expectSameBits images before "the images given")
        ]

/// Numbers of pixels 0 to 255, so that a byte that differs differs by one.
let private plain (transforms: TransformSettings list) =
    InputSettings(List.toArray transforms, [||], Rgb(0., 0., 0.), Rgb(1. / 255., 1. / 255., 1. / 255.))

let private sameBatch (random: Random) transforms =
    let images, input, seed = some random, plain transforms, random.NextInt64()
    let expected = Batches.Train(images, input, seed, 3L)
    let actual = Batches.TrainByOperators(images, input, seed, 3L)
    Expect.equal actual.shape expected.shape "sizes"
    Order.isLessThan ((actual - expected).abs().max().item<float32>()) 1e-3f "largest difference"

let private transformTests =
    let side (random: Random) = random.Next(1, 41)

    let transforms: (string * (Random -> TransformSettings)) list =
        [
            "crop", (fun random -> RandomCrop(random.Next(1, 9)))
            "flip", (fun _ -> RandomFlip())
            "resized crop", (fun random -> RandomResizedCrop(side random, 0.08, 4. / 3.))
            "AutoAugment", (fun _ -> AutoAugment AugmentationPolicy.Cifar10)
            "RandAugment", (fun random -> RandAugment(random.Next 4, random.Next 31))
            "colour jitter", (fun random -> ColourJitter(random.NextDouble(), random.NextDouble(), random.NextDouble()))
            "cutout", (fun random -> Cutout(side random))
            "shorter side", (fun random -> ResizeShort(side random))
            "centre", (fun random -> CentreCrop(side random))
        ]

    testList
        "transform"
        [
            for name, transform in transforms do
                property name (fun random -> sameBatch random [ transform random ])

            property "all in any order" (fun random ->
                let chosen = transforms |> List.map (fun (_, transform) -> transform random)
                sameBatch random (List.sortBy (fun _ -> random.Next()) chosen))
            testCase "nothing but the batch is left behind" (fun () ->
                use scope = torch.NewDisposeScope()
                let random = Random 1
                let images = some random
                let before = scope.DisposablesCount
                let input = plain [ for _, transform in transforms -> transform random ]
                Batches.TrainByOperators(images, input, 1L, 1L) |> ignore
                Expect.equal scope.DisposablesCount (before + 1) "tensors")
        ]

[<Tests>]
let tests = testList "by operators" [ operationTests; transformTests ]

// GNM-PT on CIFAR-100-LT, imbalance factors 10 to 200.
//
//   ./longtail run experiments/cifar100-lt.fsx --data DIR --device cuda
//   ./longtail run experiments/cifar100-lt.fsx --data DIR --small --weights deit_tiny_patch16_224.safetensors
//
// and `check` instead of `run` holds the results against the ranges below. DIR holds cifar-100-binary.
//
// Full: not measured; its ranges are published, with one seed, give or take a point. Small has the factor 10, 30 images of the
// largest class, DeiT-Tiny at 80 pixels and three prompts; its ranges are what seed 0 gave, give or take two points, in 6.5 minutes on
// two cores that had ten times as much to do.
#load "method.fsx"

open LongTail
open Method

let inMinutes =
    experiment "cifar100-lt, small" {
        dataset (Cifar100 |> longTailed 10. |> imagesPerClass 30 |> testImages 10)
        input (side 80)

        model (
            vit (weightsOr "weights/deit_tiny_patch16_224.safetensors")
            |> deepPrompts 3
            |> clsReadout
            |> cosineHead
            |> classMeans
        )

        loss (gcl 25.)
        optimizer (sgd 0.02 |> momentum 0.9 |> weightDecay 1e-3)
        schedule (cosine 6<epoch>)
        groups byRange
        batch 64
    }

if small () then
    inMinutes
    |> choices 4<epoch>
    |> expect
        accuracy
        [
            "sgd, CE", 25.6, 29.6
            "sgd, GCL+DRW", 31.7, 35.7
            "gnm, CE", 23.5, 27.5
            "gnm, GCL+DRW", 30.7, 34.7
        ]
    |> run
else
    gnmPt "cifar100-lt" Cifar100 publishedCifar
    |> vary imbalance [ 10.; 50.; 100.; 200. ]
    |> choices deferred
    |> expect
        accuracy
        [
            "100, sgd, CE", 80.0, 82.0
            "100, sgd, GCL+DRW", 88.6, 90.6
            "100, gnm, CE", 81.5, 83.5
            "100, gnm, GCL+DRW", 89.3, 91.3
        ]
    |> run

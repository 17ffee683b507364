// Does a flat minimum help the tail? Prompts on a small frozen Vision Transformer learn Fashion-MNIST with a long tail
// under three optimizers and two losses.
//
//   dotnet fsi build.fsx run        (once built: ./longtail run experiments/quickstart.fsx)
//
// A minute on two cores, one and a half on processors without AVX512-BF16; sam costs twice sgd, gnm as much as sgd, on a machine that
// wavers by a fifth. What the rows should come to, seed 0, stands at the end: `./longtail check experiments/quickstart.fsx` holds results
// against it.
#load "longtail.fsx"
open LongTail

let epochs, deferred = 6<epoch>, 4<epoch>

experiment "quickstart" {
    dataset (FashionMnist |> longTailed 100. |> imagesPerClass 600)
    input (side 32 |> crop 2 |> normalise cifar)

    model (
        vit "weights/vit-mini.safetensors"
        |> deepPrompts 10
        |> cosineHead
        |> classMeans
        |> bfloat16
    )

    loss crossEntropy
    optimizer (sgd 0.02 |> momentum 0.9 |> weightDecay 1e-3)
    schedule (cosine epochs)
    batch 128
}
|> vary perturbation [ none; sam 0.05; gnm 0.005 ]
|> vary loss [ crossEntropy; gcl 25. |> deferReweighting deferred ]
|> expect
    accuracy
    [
        "sgd, CE", 52.9, 54.9
        "sgd, GCL+DRW", 61.3, 63.3
        "sam, CE", 49.3, 51.3
        "sam, GCL+DRW", 61.0, 63.0
        "gnm, CE", 53.2, 55.2
        "gnm, GCL+DRW", 62.3, 64.3
    ]
|> expect
    tailAccuracy
    [
        "sgd, CE", 44.0, 48.0
        "sgd, GCL+DRW", 78.9, 82.9
        "sam, CE", 34.4, 38.4
        "sam, GCL+DRW", 77.2, 81.2
        "gnm, CE", 45.4, 49.4
        "gnm, GCL+DRW", 78.7, 82.7
    ]
|> run

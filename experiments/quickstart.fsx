// Does a flat minimum help the tail? Prompts on a small frozen Vision Transformer learn Fashion-MNIST with a long tail
// under three optimizers and two losses.
//
//   dotnet fsi build.fsx run        (once built: ./longtail run experiments/quickstart.fsx)
//
// A minute on two cores, one and a half on processors without AVX512-BF16; sam costs twice sgd, gnm as much as sgd, on a machine that
// wavers by a fifth. Each row is above the frozen model, which has learnt nothing but its class means; sam at its usual radius of
// 0.05 is below it under CE. What the rows should come to, seed 0, stands at the end: `./longtail check experiments/quickstart.fsx`
// holds results against it.
#load "longtail.fsx"
open LongTail

let epochs, deferred = 10<epoch>, 7<epoch>

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
    batch 64
}
|> vary perturbation [ none; sam 0.02; gnm 0.005 ]
|> vary loss [ crossEntropy; gcl 25. |> deferReweighting deferred ]
|> expect
    accuracy
    [
        "frozen model", 55.6, 57.6
        "sgd, CE", 58.3, 60.3
        "sgd, GCL+DRW", 67.1, 69.1
        "sam, CE", 57.6, 59.6
        "sam, GCL+DRW", 65.9, 67.9
        "gnm, CE", 58.0, 60.0
        "gnm, GCL+DRW", 67.8, 69.8
    ]
|> expect
    tailAccuracy
    [
        "sgd, CE", 53.7, 57.7
        "sgd, GCL+DRW", 78.9, 82.9
        "sam, CE", 53.6, 57.6
        "sam, GCL+DRW", 80.0, 84.0
        "gnm, CE", 52.8, 56.8
        "gnm, GCL+DRW", 81.7, 85.7
    ]
|> run

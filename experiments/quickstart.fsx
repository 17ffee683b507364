// Does a flat minimum help the tail? Prompts on a small frozen Vision Transformer learn Fashion-MNIST with a long tail
// under three optimizers and two losses.
//
//   dotnet fsi build.fsx run        (once built: ./longtail run experiments/quickstart.fsx)
//
// 1.5 minutes on two cores; sam costs twice sgd, gnm as much as sgd, on a machine that wavers by a fifth. What the rows should come
// to, seed 0, stands at the end: `./longtail check experiments/quickstart.fsx` holds results against it.
#load "longtail.fsx"
open LongTail

let epochs, deferred = 6<epoch>, 4<epoch>

experiment "quickstart" {
    dataset (FashionMnist |> longTailed 100. |> imagesPerClass 600)
    input (side 32 |> crop 2 |> normalise cifar)
    model (vit "weights/vit-mini.safetensors" |> deepPrompts 10 |> cosineHead |> classMeans)
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
        "sgd, GCL+DRW", 62.0, 64.0
        "sam, CE", 49.6, 51.6
        "sam, GCL+DRW", 60.9, 62.9
        "gnm, CE", 53.1, 55.1
        "gnm, GCL+DRW", 62.3, 64.3
    ]
|> expect
    tailAccuracy
    [
        "sgd, CE", 44.1, 48.1
        "sgd, GCL+DRW", 78.6, 82.6
        "sam, CE", 35.2, 39.2
        "sam, GCL+DRW", 76.9, 80.9
        "gnm, CE", 45.3, 49.3
        "gnm, GCL+DRW", 78.7, 82.7
    ]
|> run

// Does a flat minimum help the tail? Prompts on a small frozen Vision Transformer learn Fashion-MNIST with a long tail
// under three optimizers and two losses.
//
//   dotnet fsi build.fsx run        (once built: ./longtail run experiments/quickstart.fsx)
//
// Expected, seed 0: GCL+DRW 62 to 63 % and 79 to 81 % on the tail, CE 51 to 54 % and 37 to 47 % (range over the three
// optimizers); sam costs twice sgd, gnm as much as sgd, on a machine that wavers by a fifth; 1.5 minutes on two cores.
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
|> run

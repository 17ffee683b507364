// Pretrains the small Vision Transformer of the quickstart on all of CIFAR-100, balanced, and writes its backbone.
//
//   ./longtail run experiments/pretrain-vit-mini.fsx --data DIR
//
// DIR holds cifar-100-binary. The range is what one run gave (36.6 % top-1, seed 0), give or take a point; about 23 minutes on two
// idle cores.
#load "longtail.fsx"
open LongTail

let pretraining =
    experiment "pretrain-vit-mini" {
        dataset Cifar100
        input (side 32 |> crop 4 |> normalise cifar)

        model (
            drawnVit
                {
                    InputSide = 32
                    PatchSize = 8
                    Width = 192
                    Depth = 4
                    Heads = 3
                }
            |> linearHead
        )

        loss crossEntropy
        optimizer (adamW 1e-3 |> weightDecay 0.05)
        schedule (cosine 15<epoch> |> warmUp 1<epoch>)
        batch 128
    }
    |> expect accuracy [ "pretrain-vit-mini", 35.6, 37.6 ]

pretraining |> run

pretraining
|> saveBackbone
    "weights/vit-mini.safetensors"
    [
        "data", "CIFAR-100 (Krizhevsky 2009), the 50,000 training images"
        "made by", "dotnet fsi experiments/pretrain-vit-mini.fsx --data DIR"
    ]

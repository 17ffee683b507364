// Pretrains the small Vision Transformer of the quickstart on all of CIFAR-100, balanced, and writes its backbone.
//
//   dotnet fsi experiments/pretrain-vit-mini.fsx --data DIR
//
// DIR holds cifar-100-binary as its archive unpacks. Expected: NN % top-1 (range NN to NN), NN minutes on two cores.
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
        schedule (cosine 30<epoch> |> warmUp 3<epoch>)
        batch 128
    }

pretraining |> run

pretraining
|> saveBackbone
    "weights/vit-mini.safetensors"
    [
        "data", "CIFAR-100, 50,000 training images"
        "recipe",
        "drawn backbone, AdamW 1e-3, weight decay 0.05, cosine over 30 epochs with 3 of warm-up, crop and flip"
        "command", "dotnet fsi experiments/pretrain-vit-mini.fsx --data DIR"
        "licence", "as the project's"
    ]

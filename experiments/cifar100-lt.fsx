// GNM-PT's setting on CIFAR-100-LT, imbalance factor 100 (Li et al., NeurIPS 2024), with DeiT-Tiny as the backbone.
//
//   ./longtail run experiments/cifar100-lt.fsx --data DIR --weights deit_tiny_patch16_224.safetensors [--small] [--device cuda]
//
// DIR holds cifar-100-binary. Small, seed 0: GCL+DRW 57.6 (sgd) and 57.4 % (gnm), tail 51.1 and 51.7; CE 46.9 and 47.2 %, tail 22.6
// and 22.8; 26 minutes on two cores. Full: not measured; published with ViT-B/16: CE 81.0, with gnm 82.5, GCL+DRW 89.6, with gnm 90.3 %.
#load "longtail.fsx"
open LongTail

let deitTiny = vit (weightsOr "weights/deit_tiny_patch16_224.safetensors")

let full =
    experiment "cifar100-lt" {
        dataset (Cifar100 |> longTailed 100.)
        input publishedCifar
        model (deitTiny |> deepPrompts 10 |> cosineHead)
        loss (gcl 25.)
        optimizer (sgd 0.005 |> momentum 0.9 |> weightDecay 1e-3)
        schedule (cosine 70<epoch> |> lagged)
        batch 128
    }

let inMinutes =
    experiment "cifar100-lt, small" {
        dataset (Cifar100 |> longTailed 50. |> imagesPerClass 150 |> testImages 20)
        input (side 128 |> crop 4)
        model (deitTiny |> deepPrompts 10 |> cosineHead |> classMeans)
        loss (gcl 25.)
        optimizer (sgd 0.02 |> momentum 0.9 |> weightDecay 1e-3)
        schedule (cosine 5<epoch>)
        batch 128
    }

let setting, reweighted = if small () then inMinutes, 3<epoch> else full, 60<epoch>

setting
|> vary perturbation [ none; gnm 0.005 ]
|> vary loss [ crossEntropy; gcl 25. |> deferReweighting reweighted ]
|> run

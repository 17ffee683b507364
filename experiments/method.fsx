// GNM-PT as published for CIFAR-100-LT (Li et al., NeurIPS 2024): what the scripts beside this one have in common. The paper's
// settings for other data sets are not in its code, so theirs are these too.
#load "longtail.fsx"
open LongTail

/// `./longtail weights get vit_base_patch16_224.augreg_in21k` brings the backbone: ViT-B/16 of ImageNet-21k.
let gnmPt name images pixels =
    experiment name {
        dataset images
        input pixels

        model (
            vit (weightsOr "weights/vit_base_patch16_224.augreg_in21k.safetensors")
            |> deepPrompts 10
            |> cosineHead
        )

        loss (gcl 25.)
        optimizer (sgd 0.005 |> momentum 0.9 |> weightDecay 1e-3)
        schedule (cosine 70<epoch> |> lagged)
        groups byRange
        batch 128
    }

/// The re-weighting begins with the last ten epochs, as published.
let deferred = 60<epoch>

/// The small form on images of 32 pixels: the quickstart's, with the backbone that comes with this repository.
let inMinutes name images =
    experiment name {
        dataset (images |> longTailed 100. |> imagesPerClass 600)
        input (side 32 |> crop 2 |> normalise cifar)

        model (
            vit (weightsOr "weights/vit-mini.safetensors")
            |> deepPrompts 10
            |> cosineHead
            |> classMeans
            |> bfloat16
        )

        loss (gcl 25.)
        optimizer (sgd 0.02 |> momentum 0.9 |> weightDecay 1e-3)
        schedule (cosine 10<epoch>)
        batch 64
    }

/// Two losses without and with GNM. The published code gives CE a linear head and GCL a cosine head; here both have the cosine
/// head, so that a difference between the losses is the loss's and not the head's.
let choices deferred sweep =
    sweep
    |> vary perturbation [ none; gnm 0.005 ]
    |> vary loss [ crossEntropy; gcl 25. |> deferReweighting deferred ]

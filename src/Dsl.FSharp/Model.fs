namespace LongTail

open LongTail.Core.Settings

/// What the optimizer moves: Tuning.PromptsAndHead, Tuning.HeadOnly or Tuning.Everything.
type Tuning = LongTail.Core.Settings.Tuning

/// Sizes of a Vision Transformer that is drawn, not loaded.
type VitShape =
    {
        /// Pixels a side of its images.
        InputSide: int
        /// Pixels a side of a patch, which divides that of the image.
        PatchSize: int
        /// Features of a token.
        Width: int
        /// Blocks.
        Depth: int
        /// Attention heads, which divide the width.
        Heads: int
    }

/// Where the backbone's values come from.
type Backbone =
    /// A safetensors file of timm's or Hugging Face's, the index of its shards, or the folder that holds either.
    | Pretrained of file: string
    /// Drawn from the run's seed.
    | Drawn of VitShape

/// A share of the features is set to zero before the head, in training.
type Dropout =
    {
        Rate: float
        /// Published quirk: the code never returns to training mode after its first evaluation.
        EpochZeroOnly: bool
    }

/// A backbone, its prompts and its head.
type Model =
    {
        Backbone: Backbone
        /// Of a backbone whose file does not tell it: CLIP's.
        Activation: Activation option
        /// Attention heads, of a backbone whose file does not tell them.
        Heads: int option
        /// VPT-Deep prompts a block; 0 has none.
        PromptLength: int
        /// None is GNM-PT's read-out where there are prompts, the class token where there are none.
        Readout: Readout option
        Head: HeadKind
        HeadInitial: HeadInitial
        Tuning: Tuning
        Dropout: Dropout option
        /// What the transformer computes in.
        Precision: Precision
        Said: Said
    }

[<AutoOpen>]
module Models =
    let private published backbone =
        {
            Backbone = backbone
            Activation = None
            Heads = None
            PromptLength = 0
            Readout = None
            Head = HeadKind.Cosine
            HeadInitial = HeadInitial.Drawn
            Tuning = Tuning.PromptsAndHead
            Dropout = None
            Precision = Precision.Float32
            Said = Said.nothing
        }

    /// A pretrained Vision Transformer from a safetensors file of timm's or Hugging Face's, or a folder with the file and
    /// config.json; it stays frozen. The two activations that CLIP's visual towers were trained with leave the same tensors, and the wrong one gives features
    /// that are merely worse, so for CLIP's one of them is to be said.
    let vit file = published (Pretrained file)

    /// Attention heads, where neither the file's metadata nor config.json beside it tells them and the sizes are not those of a
    /// published model: the tensors do not show them, and wrong ones give features that are merely worse.
    let heads count model =
        { model with
            Model.Heads = Some count
            Said = model.Said |> Said.once "heads"
        }

    /// CLIP's weights are OpenAI's, or others that were trained with x sigmoid(1.702 x).
    let quickGelu model =
        { model with
            Activation = Some Activation.QuickGelu
            Said = model.Said |> Said.oneOf "activation" "quickGelu"
        }

    /// CLIP's weights were trained with the exact GELU, as LAION's.
    let gelu model =
        { model with
            Activation = Some Activation.Gelu
            Said = model.Said |> Said.oneOf "activation" "gelu"
        }

    /// A Vision Transformer drawn from the run's seed, all of it tuned: for pretraining.
    let drawnVit shape =
        { published (Drawn shape) with
            Tuning = Tuning.Everything
        }

    /// VPT-Deep: so many prompts before every block.
    let deepPrompts length model =
        { model with
            PromptLength = length
            Said = model.Said |> Said.once "deepPrompts"
        }

    /// Reads the class token alone, prompts or not.
    let clsReadout model =
        { model with
            Readout = Some Readout.Cls
            Said = model.Said |> Said.once "clsReadout"
        }

    /// Cosines of the features and one direction a class.
    let cosineHead model =
        { model with
            Head = HeadKind.Cosine
            Said = model.Said |> Said.oneOf "head" "cosineHead"
        }

    /// A linear layer with bias.
    let linearHead model =
        { model with
            Head = HeadKind.Linear
            Said = model.Said |> Said.oneOf "head" "linearHead"
        }

    /// The cosine head starts at the class means of the frozen features: short schedules need it.
    let classMeans model =
        { model with
            HeadInitial = HeadInitial.ClassMeans
            Said = model.Said |> Said.oneOf "start of the head" "classMeans"
        }

    /// The head starts at random values of standard deviation 0.02, as published.
    let drawnHead model =
        { model with
            HeadInitial = HeadInitial.Drawn
            Said = model.Said |> Said.oneOf "start of the head" "drawnHead"
        }

    /// What the optimizer moves: Tuning.PromptsAndHead (the default), Tuning.HeadOnly or Tuning.Everything.
    let tuning what model =
        { model with
            Tuning = what
            Said = model.Said |> Said.once "tuning"
        }

    /// The transformer computes in bfloat16: all of it on a GPU or where everything is tuned; of frozen blocks on a CPU what their products
    /// multiply, in half the time on a processor with AVX512-BF16 and in a few percent more on others. Values that are trained, the
    /// loss and the optimizer keep float32.
    let bfloat16 model =
        { model with
            Precision = Precision.BFloat16
            Said = model.Said |> Said.once "bfloat16"
        }

    /// So large a share of the features is dropped before the head, in training.
    let dropout rate model =
        { model with
            Dropout =
                Some
                    {
                        Dropout.Rate = rate
                        EpochZeroOnly = false
                    }
            Said = model.Said |> Said.oneOf "dropout" "dropout"
        }

    /// Published quirk: dropout that acts in epoch 0 only; published rate: 0.1.
    let dropoutInEpochZero rate model =
        { model with
            Dropout =
                Some
                    {
                        Dropout.Rate = rate
                        EpochZeroOnly = true
                    }
            Said = model.Said |> Said.oneOf "dropout" "dropoutInEpochZero"
        }

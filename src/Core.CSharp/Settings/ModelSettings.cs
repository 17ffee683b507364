namespace LongTail.Core.Settings;

/// <summary>Sizes of a Vision Transformer.</summary>
/// <param name="InputSide">Side in pixels that the position embedding was made for.</param>
/// <param name="PatchSize">Side of a patch in pixels.</param>
/// <param name="Width">Channels of a token.</param>
/// <param name="Depth">Number of blocks.</param>
/// <param name="Heads">Attention heads; divides the width.</param>
public sealed record VisionTransformerShape(
    int InputSide,
    int PatchSize,
    int Width,
    int Depth,
    int Heads
);

/// <summary>Where the backbone's values come from.</summary>
public abstract record BackboneSettings;

/// <summary>A Vision Transformer's tensors, and what they cannot tell, whether a file beside them tells it or the experiment.</summary>
/// <param name="File">A safetensors file, an index of shards, or a folder that holds either.</param>
/// <param name="ContentHash">SHA-256 (lower-case hex) of the tensors' files: the run is named by what they hold, not by where they lie.</param>
/// <param name="Heads">Attention heads; divides the width.</param>
public sealed record PretrainedBackbone(
    string File,
    string ContentHash,
    int Heads,
    Activation Activation,
    Pooling Pooling
) : BackboneSettings;

/// <summary>What a transformer's features are made of, behind its last block.</summary>
public enum Pooling
{
    /// <summary>LN of the class token.</summary>
    ClassToken,

    /// <summary>LN of the mean of the patches: timm's average pooling with fc_norm.</summary>
    AverageThenNorm,

    /// <summary>The mean of the LN of every patch: timm's average pooling without fc_norm.</summary>
    NormThenAverage,
}

/// <summary>What the MLPs of a transformer's blocks have between their two layers.</summary>
public enum Activation
{
    /// <summary>x Phi(x), exact.</summary>
    Gelu,

    /// <summary>x sigmoid(1.702 x), which OpenAI's CLIP was trained with.</summary>
    QuickGelu,
}

/// <summary>Drawn from the run's seed, for pretraining.</summary>
public sealed record DrawnBackbone(VisionTransformerShape Shape) : BackboneSettings;

public enum Readout
{
    /// <summary>LN(h_CLS); what the backbone pools where that is not the class token (<see cref="Pooling"/>).</summary>
    Cls,

    /// <summary>
    /// GNM-PT's: (LN(h_CLS) + mean of the last block's raw prompt outputs) / 2 (method.md 3); likewise of what the backbone pools.
    /// </summary>
    ClsAndPrompts,
}

public enum HeadKind
{
    Linear,
    Cosine,
}

public enum HeadInitial
{
    /// <summary>Normal with standard deviation 0.02, as published.</summary>
    Drawn,

    /// <summary>Unit-length class means of the frozen features over the training set; cosine head only.</summary>
    ClassMeans,
}

public enum Tuning
{
    PromptsAndHead,
    HeadOnly,
    Everything,
}

/// <summary>What the transformer computes in. Prompts, head, loss and optimizer keep float32 whatever it is.</summary>
public enum Precision
{
    Float32,

    /// <summary>
    /// 8 bits of mantissa: for GPUs, whose matrix units are many times as fast with it, and for processors that multiply twice
    /// as many pairs of it as of float32.
    /// </summary>
    BFloat16,
}

/// <summary>A backbone, its prompts and its head.</summary>
/// <param name="PromptLength">VPT-Deep prompts a block; 0 has none.</param>
/// <param name="Dropout">null drops nothing.</param>
public sealed record ModelSettings(
    BackboneSettings Backbone,
    int PromptLength,
    Readout Readout,
    HeadKind Head,
    HeadInitial HeadInitial,
    Tuning Tuning,
    DropoutSettings? Dropout,
    Precision Precision
);

/// <summary>Dropout of the features before the head, in training.</summary>
/// <param name="EpochZeroOnly">The published code never returns to training mode after its first evaluation (method.md 3).</param>
public sealed record DropoutSettings(double Rate, bool EpochZeroOnly);

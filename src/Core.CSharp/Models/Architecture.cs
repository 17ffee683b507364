using LongTail.Core.Settings;

namespace LongTail.Core.Models;

/// <summary>
/// All that decides how a Vision Transformer computes. A plain one, as timm's and DeiT's, is told by its sizes; CLIP's
/// visual tower and DINOv2's differ from it in what stands below.
/// </summary>
public sealed record Architecture(VisionTransformerShape Shape)
{
    /// <summary>Whether the projection of the patches adds a bias: all but CLIP's.</summary>
    public bool PatchBias { get; init; } = true;

    /// <summary>Whether the class token has a position of its own; without one it has been added to the token.</summary>
    public bool ClassPosition { get; init; } = true;

    /// <summary>Tokens without a position between the class token and the patches (Darcet et al. 2024).</summary>
    public int Registers { get; init; }

    /// <summary>Whether the tokens are normalised before the first block too, as in CLIP.</summary>
    public bool NormBefore { get; init; }

    /// <summary>Whether each branch of a block is multiplied by learnt factors, one a channel (Touvron et al. 2021).</summary>
    public bool LayerScale { get; init; }

    /// <summary>Of the MLPs.</summary>
    public Activation Activation { get; init; } = Activation.Gelu;

    /// <summary>Of the last block's outputs.</summary>
    public Pooling Pooling { get; init; } = Pooling.ClassToken;

    /// <summary>timm's name of the LayerNorm behind the last block.</summary>
    internal string LastNorm => Pooling == Pooling.AverageThenNorm ? "fc_norm" : "norm";

    /// <summary>Added to the variance in every LayerNorm. CLIP was trained with PyTorch's default, all others with 1e-6.</summary>
    public double LayerNormEpsilon => NormBefore ? 1e-5 : 1e-6;
}

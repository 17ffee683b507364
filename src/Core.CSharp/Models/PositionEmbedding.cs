using LongTail.Core.Settings;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace LongTail.Core.Models;

/// <summary>Position embeddings for other input sides than they were learned at.</summary>
public static class PositionEmbedding
{
    /// <summary>
    /// (1, C + g*g, Width) of the shape's own grid to (1, C + h*h, Width) of the grid at this side: the patches'
    /// positions are interpolated bicubically, the class token's (C = 1), where it has one, stays.
    /// </summary>
    public static Tensor AtSide(Tensor embedding, VisionTransformerShape shape, int side)
    {
        if (side == shape.InputSide)
            return embedding;
        var own = shape.InputSide / shape.PatchSize;
        var before = embedding.size(1) - own * own;
        var wanted = side / shape.PatchSize;
        var grid = embedding
            .narrow(1, before, own * own)
            .transpose(1, 2)
            .reshape(1, shape.Width, own, own);
        var resized = F.interpolate(
                embedding.dtype == ScalarType.BFloat16 ? grid.to(ScalarType.Float32) : grid,
                [wanted, wanted],
                mode: InterpolationMode.Bicubic,
                align_corners: false
            )
            .flatten(2)
            .transpose(1, 2)
            .to(embedding.dtype);
        return cat([embedding.narrow(1, 0, before), resized], 1);
    }
}

using LongTail.Core.Settings;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace LongTail.Core.Models;

/// <summary>Position embeddings for other input sides than they were learned at.</summary>
public static class PositionEmbedding
{
    /// <summary>
    /// (1, 1 + g*g, Width) of the shape's own grid to (1, 1 + h*h, Width) of the grid at this side: the patches'
    /// positions are interpolated bicubically, the class token's stays.
    /// </summary>
    public static Tensor AtSide(Tensor embedding, VisionTransformerShape shape, int side)
    {
        if (side == shape.InputSide)
            return embedding;
        var own = shape.InputSide / shape.PatchSize;
        var wanted = side / shape.PatchSize;
        var grid = embedding
            .narrow(1, 1, own * own)
            .transpose(1, 2)
            .reshape(1, shape.Width, own, own);
        var resized = F.interpolate(
                grid,
                [wanted, wanted],
                mode: InterpolationMode.Bicubic,
                align_corners: false
            )
            .flatten(2)
            .transpose(1, 2);
        return cat([embedding.narrow(1, 0, 1), resized], 1);
    }
}

using LongTail.Core.Settings;

namespace LongTail.Core.Models;

/// <summary>timm's names and shapes of a Vision Transformer's tensors, without the head.</summary>
public static class BackboneLayout
{
    private const int MlpRatio = 4;

    public static IEnumerable<(string Name, long[] Shape)> Of(VisionTransformerShape shape)
    {
        long width = shape.Width;
        long grid = shape.InputSide / shape.PatchSize;
        yield return ("cls_token", [1, 1, width]);
        yield return ("pos_embed", [1, 1 + grid * grid, width]);
        yield return ("patch_embed.proj.weight", [width, 3, shape.PatchSize, shape.PatchSize]);
        yield return ("patch_embed.proj.bias", [width]);
        for (var i = 0; i < shape.Depth; i++)
        {
            foreach (var (name, sizes) in Block(width))
                yield return ($"blocks.{i}.{name}", sizes);
        }
        yield return ("norm.weight", [width]);
        yield return ("norm.bias", [width]);
    }

    private static IEnumerable<(string Name, long[] Shape)> Block(long width) =>
        [
            ("norm1.weight", [width]),
            ("norm1.bias", [width]),
            ("attn.qkv.weight", [3 * width, width]),
            ("attn.qkv.bias", [3 * width]),
            ("attn.proj.weight", [width, width]),
            ("attn.proj.bias", [width]),
            ("norm2.weight", [width]),
            ("norm2.bias", [width]),
            ("mlp.fc1.weight", [MlpRatio * width, width]),
            ("mlp.fc1.bias", [MlpRatio * width]),
            ("mlp.fc2.weight", [width, MlpRatio * width]),
            ("mlp.fc2.bias", [width]),
        ];
}

using LongTail.Core.Settings;

namespace LongTail.Core.Models;

/// <summary>timm's names and shapes of a Vision Transformer's tensors, without the head.</summary>
public static class BackboneLayout
{
    private const int MlpRatio = 4;

    public static IEnumerable<(string Name, long[] Shape)> Of(Architecture architecture)
    {
        var shape = architecture.Shape;
        long width = shape.Width;
        long grid = shape.InputSide / shape.PatchSize;
        yield return ("cls_token", [1, 1, width]);
        if (architecture.Registers > 0)
            yield return ("reg_token", [1, architecture.Registers, width]);
        yield return ("pos_embed", [1, (architecture.ClassPosition ? 1 : 0) + grid * grid, width]);
        yield return ("patch_embed.proj.weight", [width, 3, shape.PatchSize, shape.PatchSize]);
        if (architecture.PatchBias)
            yield return ("patch_embed.proj.bias", [width]);
        if (architecture.NormBefore)
        {
            yield return ("norm_pre.weight", [width]);
            yield return ("norm_pre.bias", [width]);
        }
        for (var i = 0; i < shape.Depth; i++)
        {
            foreach (var (name, sizes) in Block(width))
                yield return ($"blocks.{i}.{name}", sizes);
            if (architecture.LayerScale)
            {
                yield return ($"blocks.{i}.ls1.gamma", [width]);
                yield return ($"blocks.{i}.ls2.gamma", [width]);
            }
        }
        yield return ($"{architecture.LastNorm}.weight", [width]);
        yield return ($"{architecture.LastNorm}.bias", [width]);
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

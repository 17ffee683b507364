using LongTail.Core.Settings;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace LongTail.Core.Models;

/// <summary>
/// A Vision Transformer with timm's parameter names, and VPT-Deep prompts where they are given (method.md 3): pre-norm
/// blocks, exact GELU, LayerNorm eps 1e-6, no dropout. It owns no values: a trained and a frozen one differ in what
/// <paramref name="parameter"/> hands out.
/// </summary>
/// <param name="parameter">The tensor of a timm name, in the shapes of <see cref="BackboneLayout"/>.</param>
public sealed class VisionTransformer(VisionTransformerShape shape, Func<string, Tensor> parameter)
{
    internal const double LayerNormEpsilon = 1e-6;

    private readonly Block[] blocks =
    [
        .. Enumerable
            .Range(0, shape.Depth)
            .Select(i => new Block(shape, name => parameter($"blocks.{i}.{name}"))),
    ];

    public VisionTransformerShape Shape => shape;

    /// <summary>The tensor of a timm name.</summary>
    public Tensor Parameter(string name) => parameter(name);

    /// <summary>
    /// Images (B, 3, S, S), S a multiple of the patch size, to features (B, Width); another side than the position
    /// embedding's interpolates it.
    /// </summary>
    /// <param name="prompts">(Depth, P, Width), one set a block, or null.</param>
    public Tensor Features(Tensor images, Tensor? prompts, Readout readout)
    {
        using var scope = NewDisposeScope();
        var tokens = Embed(images);
        for (var i = 0; i < shape.Depth - 1; i++)
        {
            var before = tokens;
            tokens = blocks[i].Forward(before, PromptsOf(i));
            before.Dispose();
        }
        var last = blocks[^1].ForwardReadout(tokens, PromptsOf(shape.Depth - 1));
        var cls = LayerNorm(last.select(1, 0), parameter("norm.weight"), parameter("norm.bias"));
        var features =
            prompts is null || readout == Readout.Cls
                ? cls
                : (cls + last.narrow(1, 1, last.size(1) - 1).mean([1])) * 0.5;
        return features.MoveToOuterDisposeScope();

        Tensor? PromptsOf(int block) => prompts?.select(0, block);
    }

    private Tensor Embed(Tensor images)
    {
        using var scope = NewDisposeScope();
        var patches = F.conv2d(
                images,
                parameter("patch_embed.proj.weight"),
                parameter("patch_embed.proj.bias"),
                strides: [shape.PatchSize, shape.PatchSize]
            )
            .flatten(2)
            .transpose(1, 2);
        var cls = parameter("cls_token").expand(images.size(0), -1, -1);
        var positions = PositionEmbedding.AtSide(
            parameter("pos_embed"),
            shape,
            (int)images.size(3)
        );
        return (cat([cls, patches], 1) + positions).MoveToOuterDisposeScope();
    }

    internal static Tensor LayerNorm(Tensor input, Tensor weight, Tensor bias) =>
        F.layer_norm(input, weight.shape, weight, bias, LayerNormEpsilon);
}

using LongTail.Core.Settings;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace LongTail.Core.Models;

/// <summary>
/// A Vision Transformer with timm's parameter names, and VPT-Deep prompts where they are given (method.md 3): pre-norm
/// blocks, no dropout, the rest as its architecture says. It owns no values: a trained and a frozen one differ in what
/// <paramref name="parameter"/> hands out.
/// </summary>
/// <param name="parameter">The tensor of a timm name, in the shapes of <see cref="BackboneLayout"/>.</param>
/// <param name="frozen">A block by its number where its parameters never change; left out, or null for a block, it is computed by
/// libtorch's own operators.</param>
public sealed class VisionTransformer(
    Architecture architecture,
    Func<string, Tensor> parameter,
    Func<int, FrozenBlock?>? frozen = null
)
{
    private readonly Block[] blocks =
    [
        .. Enumerable
            .Range(0, architecture.Shape.Depth)
            .Select(i => new Block(architecture, name => parameter($"blocks.{i}.{name}"))),
    ];

    public Architecture Architecture => architecture;

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
        return FeaturesOf(Embed(images), prompts, readout).MoveToOuterDisposeScope();
    }

    /// <inheritdoc cref="Features"/>
    /// <param name="embedded">The images as <see cref="Embed"/> leaves them; they stay the caller's.</param>
    public Tensor FeaturesOf(Tensor embedded, Tensor? prompts, Readout readout)
    {
        using var scope = NewDisposeScope();
        var tokens = embedded;
        for (var i = 0; i < blocks.Length - 1; i++)
        {
            var before = tokens;
            tokens =
                frozen?.Invoke(i)?.Forward(before, PromptsOf(i))
                ?? blocks[i].Forward(before, PromptsOf(i));
            if (i > 0)
                before.Dispose();
        }
        var end = blocks.Length - 1;
        var last =
            frozen?.Invoke(end)?.ForwardReadout(tokens, PromptsOf(end))
            ?? blocks[end].ForwardReadout(tokens, PromptsOf(end));
        var cls = Normalise(last.select(1, 0), "norm");
        var features =
            prompts is null || readout == Readout.Cls
                ? cls
                : (cls + last.narrow(1, 1, last.size(1) - 1).mean([1])) * 0.5;
        return features.MoveToOuterDisposeScope();

        Tensor? PromptsOf(int block) => prompts?.select(0, block);
    }

    /// <summary>Images to what enters the first block: class token, registers, patches, (B, T, Width).</summary>
    public Tensor Embed(Tensor images)
    {
        using var scope = NewDisposeScope();
        var shape = architecture.Shape;
        var patches = F.conv2d(
                images,
                parameter("patch_embed.proj.weight"),
                architecture.PatchBias ? parameter("patch_embed.proj.bias") : null,
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
        var tokens = architecture.ClassPosition
            ? cat([cls, patches], 1) + positions
            : cat([cls, patches + positions], 1);
        if (architecture.Registers > 0)
        {
            var registers = parameter("reg_token").expand(images.size(0), -1, -1);
            var (first, rest) = (tokens.narrow(1, 0, 1), tokens.narrow(1, 1, tokens.size(1) - 1));
            tokens = cat([first, registers, rest], 1);
        }
        if (architecture.NormBefore)
            tokens = Normalise(tokens, "norm_pre");
        return tokens.MoveToOuterDisposeScope();
    }

    private Tensor Normalise(Tensor input, string name) =>
        F.layer_norm(
            input,
            [architecture.Shape.Width],
            parameter($"{name}.weight"),
            parameter($"{name}.bias"),
            architecture.LayerNormEpsilon
        );
}

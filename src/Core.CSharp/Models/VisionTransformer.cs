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
/// <param name="frozen">All blocks, where their parameters never change; left out, or null, libtorch's own operators compute them.</param>
public sealed class VisionTransformer(
    Architecture architecture,
    Func<string, Tensor> parameter,
    FrozenBlocks? frozen = null
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
        if (architecture.Pooling != Pooling.ClassToken)
            return Averaged(embedded, prompts, readout).MoveToOuterDisposeScope();
        var last = frozen?.ForwardReadout(embedded, prompts) ?? Plainly(embedded, prompts);
        var cls = Normalise(last.select(1, 0), "norm");
        var features = prompts is null || readout == Readout.Cls ? cls : WithPrompts(cls, last);
        return features.MoveToOuterDisposeScope();
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

    private Tensor Plainly(Tensor embedded, Tensor? prompts) =>
        blocks[^1]
            .ForwardReadout(BeforeLast(embedded, prompts), prompts?.select(0, blocks.Length - 1));

    private Tensor BeforeLast(Tensor embedded, Tensor? prompts)
    {
        var tokens = embedded;
        for (var i = 0; i < blocks.Length - 1; i++)
        {
            var before = tokens;
            tokens = blocks[i].Forward(before, prompts?.select(0, i));
            if (i > 0)
                before.Dispose();
        }
        return tokens;
    }

    // The last block puts out its patches for this one, and its prompts only where they are read.
    private Tensor Averaged(Tensor embedded, Tensor? prompts, Readout readout)
    {
        var (pass, passToPrompts) = LastBlock(embedded, prompts);
        var tokens = pass();
        var first = 1 + architecture.Registers;
        var patches = tokens.narrow(1, first, tokens.size(1) - first);
        var pooled =
            architecture.Pooling == Pooling.AverageThenNorm
                ? Normalise(patches.mean([1]), architecture.LastNorm)
                : Normalise(patches, architecture.LastNorm).mean([1]);
        return prompts is null || readout == Readout.Cls
            ? pooled
            : WithPrompts(pooled, passToPrompts());
    }

    private (Func<Tensor> Tokens, Func<Tensor> ClassAndPrompts) LastBlock(
        Tensor embedded,
        Tensor? prompts
    )
    {
        var count = blocks.Length - 1;
        if (frozen is null)
        {
            var (before, own) = (BeforeLast(embedded, prompts), prompts?.select(0, count));
            return (
                () => blocks[^1].Forward(before, own),
                () => blocks[^1].ForwardReadout(before, own)
            );
        }
        else
        {
            var (first, last) = frozen.Split;
            var before = first?.Forward(embedded, prompts?.narrow(0, 0, count)) ?? embedded;
            var own = prompts?.narrow(0, count, 1);
            return (() => last.Forward(before, own), () => last.ForwardReadout(before, own));
        }
    }

    /// <summary>What is pooled (B, Width), and class token and prompts as the last block leaves them (B, 1 + P, Width).</summary>
    private static Tensor WithPrompts(Tensor pooled, Tensor last) =>
        (pooled + last.narrow(1, 1, last.size(1) - 1).mean([1])) * 0.5;

    private Tensor Normalise(Tensor input, string name) =>
        F.layer_norm(
            input,
            [architecture.Shape.Width],
            parameter($"{name}.weight"),
            parameter($"{name}.bias"),
            architecture.LayerNormEpsilon
        );
}

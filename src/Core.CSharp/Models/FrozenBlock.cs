using LongTail.Core.Settings;
using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Models;

/// <summary>
/// A block whose parameters never change, computed by one native operator (src/LibTorch.CSharp/native/block): an image goes
/// through the whole block on one core, and the gradient reaches tokens and prompts only. The same function as
/// <see cref="Block"/>'s, which is the reference.
/// </summary>
public sealed class FrozenBlock
{
    private static readonly string[] Parts =
    [
        "norm1",
        "attn.qkv",
        "attn.proj",
        "norm2",
        "mlp.fc1",
        "mlp.fc2",
    ];

    private readonly Architecture architecture;
    private readonly Tensor[] packed;
    private readonly int level;

    private FrozenBlock(Architecture architecture, Tensor[] packed, int level) =>
        (this.architecture, this.packed, this.level) = (architecture, packed, level);

    /// <summary>How many levels of the processor's instructions there are to choose from.</summary>
    public static int Levels => (int)longtail.block_levels();

    /// <summary>Whether the operator is to be had where the tokens lie.</summary>
    public static bool RunsOn(Device device) => device.type == DeviceType.CPU;

    /// <summary>Packs the parameters.</summary>
    /// <param name="parameter">The block's tensor of a timm name.</param>
    /// <param name="precision">Of the products' factors; all else has the parameters' type. bfloat16 is for float32 parameters.</param>
    /// <param name="level">Of the processor's instructions; 0 is the best.</param>
    public static FrozenBlock Of(
        Architecture architecture,
        Func<string, Tensor> parameter,
        Precision precision,
        int level = 0
    )
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var packed = longtail.pack_block(
            [.. Parts.SelectMany(part => new[] { Scaled(part, "weight"), Scaled(part, "bias") })],
            precision == Precision.BFloat16,
            level
        );
        foreach (var tensor in packed)
            tensor.DetachFromDisposeScope();
        return new FrozenBlock(architecture, packed, level);

        // A branch's factors, one a channel, are those of the rows of its last matrix.
        Tensor Scaled(string part, string kind)
        {
            var value = parameter($"{part}.{kind}");
            var factors = part switch
            {
                "attn.proj" when architecture.LayerScale => parameter("ls1.gamma"),
                "mlp.fc2" when architecture.LayerScale => parameter("ls2.gamma"),
                _ => null,
            };
            if (factors is null)
                return value;
            return kind == "bias" ? value * factors : value * factors.unsqueeze(1);
        }
    }

    /// <summary>Tokens (B, T, Width) and prompts (P, Width) or null to the tokens' outputs (B, T, Width).</summary>
    public Tensor Forward(Tensor tokens, Tensor? prompts) => Call(tokens, prompts, readout: false);

    /// <summary>As <see cref="Forward"/>, but puts out only the class token and the prompts: (B, 1 + P, Width).</summary>
    public Tensor ForwardReadout(Tensor tokens, Tensor? prompts) =>
        Call(tokens, prompts, readout: true);

    private Tensor Call(Tensor tokens, Tensor? prompts, bool readout) =>
        longtail.frozen_block(
            tokens,
            prompts,
            packed,
            architecture.Shape.Heads,
            architecture.LayerNormEpsilon,
            architecture.Activation == Activation.QuickGelu ? 1 : 0,
            readout,
            level
        );
}

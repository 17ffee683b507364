using LongTail.Core.Interop;
using LongTail.Core.Settings;
using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Models;

/// <summary>
/// A block whose parameters never change, computed by the project's own kernels (native/): an image goes through the whole
/// block on one core, and the gradient reaches tokens and prompts only. The same function as <see cref="Block"/>'s, which is
/// the reference.
/// </summary>
public sealed class FrozenBlock
{
    private static readonly string[] Linears = ["attn.qkv", "attn.proj", "mlp.fc1", "mlp.fc2"];

    private readonly Architecture architecture;
    private readonly PackedBlock packed;

    private FrozenBlock(Architecture architecture, PackedBlock packed) =>
        (this.architecture, this.packed) = (architecture, packed);

    /// <summary>How many levels of the processor's instructions there are to choose from; 0 where the kernels are not built.</summary>
    public static int Levels => KernelLevel.Count;

    /// <summary>Whether the kernels are to be had where the tokens lie.</summary>
    public static bool RunsOn(Device device) => device.type == DeviceType.CPU && Levels > 0;

    /// <summary>Packs the parameters, float32 or float64.</summary>
    /// <param name="parameter">The block's tensor of a timm name.</param>
    /// <param name="precision">Of the products' factors; all else has the parameters' type. bfloat16 is for float32 parameters.</param>
    /// <param name="level">Of the processor's instructions; 0 is the best.</param>
    /// <exception cref="ArgumentOutOfRangeException">This machine has no such level.</exception>
    public static FrozenBlock Of(
        Architecture architecture,
        Func<string, Tensor> parameter,
        Precision precision,
        int level = 0
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(level, Levels);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        return new(
            architecture,
            new PackedBlock(Scaled, Linears, precision == Precision.BFloat16, level)
        );

        // A branch's factors, one a channel, are those of the rows of its last matrix.
        Tensor Scaled(string name)
        {
            var value = parameter(name);
            var factors = name.Split('.')[..^1] switch
            {
                ["attn", "proj"] when architecture.LayerScale => parameter("ls1.gamma"),
                ["mlp", "fc2"] when architecture.LayerScale => parameter("ls2.gamma"),
                _ => null,
            };
            if (factors is null)
                return value;
            return value.dim() == 1 ? value * factors : value * factors.unsqueeze(1);
        }
    }

    /// <summary>
    /// Until the result is disposed, backward passes of this thread leave their graphs for another one, as libtorch's
    /// `retain_graph` does, of which it tells blocks nothing.
    /// </summary>
    public static IDisposable RetainGraphs() => BlockFunction.Retain();

    /// <summary>Tokens (B, T, Width) and prompts (P, Width) or null to the tokens' outputs (B, T, Width).</summary>
    /// <exception cref="ArgumentException">Tokens or prompts of another shape, type or device than the block's.</exception>
    public Tensor Forward(Tensor tokens, Tensor? prompts) => Call(tokens, prompts, readout: false);

    /// <summary>As <see cref="Forward"/>, but puts out only the class token and the prompts: (B, 1 + P, Width).</summary>
    /// <exception cref="ArgumentException">Tokens or prompts of another shape, type or device than the block's.</exception>
    public Tensor ForwardReadout(Tensor tokens, Tensor? prompts) =>
        Call(tokens, prompts, readout: true);

    private Tensor Call(Tensor tokens, Tensor? prompts, bool readout)
    {
        using var scope = NewDisposeScope();
        var width = packed.Width;
        Check(tokens, nameof(tokens), 3);
        if (prompts is not null)
            Check(prompts, nameof(prompts), 2);
        var whole = tokens.contiguous();
        var added = prompts?.contiguous() ?? empty([0, width], packed.Type);
        var (count, length) = (added.shape[0], whole.shape[1]);
        var pass = new BlockPass(
            packed,
            new Sizes
            {
                Tokens = length,
                Prompts = count,
                Width = width,
                Heads = architecture.Shape.Heads,
                Hidden = packed.Hidden,
                TokensRead = readout ? 1 : length,
                PromptsRead = readout ? count : 0,
                Epsilon = architecture.LayerNormEpsilon,
                Activation = architecture.Activation == Activation.QuickGelu ? 1 : 0,
            }
        );
        var recorded = is_grad_enabled() && (whole.requires_grad || added.requires_grad);
        return (
            recorded ? BlockFunction.apply(whole, added, pass) : pass.Forward(whole, added, default)
        ).MoveToOuterDisposeScope();
    }

    private void Check(Tensor given, string name, int dimensions)
    {
        if (
            given.dim() != dimensions
            || given.shape[^1] != packed.Width
            || given.dtype != packed.Type
            || given.device_type != DeviceType.CPU
        )
            throw new ArgumentException(
                $"{name} are {given.dtype} ({string.Join(", ", given.shape)}) on {given.device}: the block takes {packed.Type} ({(dimensions == 3 ? "B, T" : "P")}, {packed.Width}) on cpu",
                name
            );
    }
}

using LongTail.Core.Interop;
using LongTail.Core.Settings;
using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Models;

/// <summary>
/// A block whose parameters never change, computed by the project's own kernels (native/): an image goes through the whole
/// block on one core, and the gradient reaches tokens and prompts only.
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

    internal long Width => packed.Width;

    internal ScalarType Type => packed.Type;

    /// <summary>Of so many tokens and prompts an image. A readout puts out the class token and the prompts, else all tokens.</summary>
    internal BlockPass Pass(long tokens, long prompts, bool readout) =>
        new(
            packed,
            new Sizes
            {
                Tokens = tokens,
                Prompts = prompts,
                Width = packed.Width,
                Heads = architecture.Shape.Heads,
                Hidden = packed.Hidden,
                TokensRead = readout ? 1 : tokens,
                PromptsRead = readout ? prompts : 0,
                Epsilon = architecture.LayerNormEpsilon,
                Activation = architecture.Activation == Activation.QuickGelu ? 1 : 0,
            }
        );
}

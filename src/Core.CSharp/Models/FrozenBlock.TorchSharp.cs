using LongTail.Core.Settings;
using static TorchSharp.torch;

namespace LongTail.Core.Models;

/// <summary>TorchSharp's packages have no operator for a whole block: every block is <see cref="Block"/>.</summary>
public sealed class FrozenBlock
{
    private FrozenBlock() { }

    public static bool RunsOn(Device device) => false;

    public static FrozenBlock Of(
        Architecture architecture,
        Func<string, Tensor> parameter,
        Precision precision
    ) => throw new NotSupportedException();

    public Tensor Forward(Tensor tokens, Tensor? prompts) => throw new NotSupportedException();

    public Tensor ForwardReadout(Tensor tokens, Tensor? prompts) =>
        throw new NotSupportedException();
}

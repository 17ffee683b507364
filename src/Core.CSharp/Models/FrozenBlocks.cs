using LongTail.Core.Interop;
using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Models;

/// <summary>
/// Frozen blocks one behind the other, as one operator: the gradient reaches the tokens that enter the first one, and the
/// prompts of each. The same function as <see cref="Block"/>'s, which is the reference.
/// </summary>
public sealed class FrozenBlocks(IReadOnlyList<FrozenBlock> blocks)
{
    /// <summary>
    /// Until the result is disposed, backward passes of this thread leave their graphs for another one, as libtorch's
    /// `retain_graph` does, of which it tells blocks nothing.
    /// </summary>
    public static IDisposable RetainGraphs() => FrozenBlocksFunction.Retain();

    /// <summary>All blocks but the last, and the last; null where there is but one.</summary>
    public (FrozenBlocks? Before, FrozenBlocks Last) Split =>
        (
            blocks.Count > 1 ? new FrozenBlocks([.. blocks.SkipLast(1)]) : null,
            new FrozenBlocks([blocks[^1]])
        );

    /// <summary>Tokens (B, T, Width) and prompts (blocks, P, Width) or null to the last block's outputs for the tokens (B, T, Width).</summary>
    /// <exception cref="ArgumentException">Tokens or prompts of another shape, type or device than the blocks'.</exception>
    public Tensor Forward(Tensor tokens, Tensor? prompts) => Call(tokens, prompts, readout: false);

    /// <summary>As <see cref="Forward"/>, but puts out only the class token and the last block's prompts: (B, 1 + P, Width).</summary>
    /// <exception cref="ArgumentException">Tokens or prompts of another shape, type or device than the blocks'.</exception>
    public Tensor ForwardReadout(Tensor tokens, Tensor? prompts) =>
        Call(tokens, prompts, readout: true);

    private Tensor Call(Tensor tokens, Tensor? prompts, bool readout)
    {
        using var scope = NewDisposeScope();
        var (width, type) = (blocks[0].Width, blocks[0].Type);
        Check(tokens, nameof(tokens), null, "T");
        if (prompts is not null)
            Check(prompts, nameof(prompts), blocks.Count, "P");
        var whole = tokens.contiguous();
        var added = prompts?.contiguous() ?? empty([blocks.Count, 0, width], type);
        BlockPass[] passes =
        [
            .. blocks.Select(
                (block, i) =>
                    block.Pass(
                        whole.shape[1],
                        added.shape[1],
                        readout: readout && i == blocks.Count - 1
                    )
            ),
        ];
        var recorded = is_grad_enabled() && (whole.requires_grad || added.requires_grad);
        return (
            recorded
                ? FrozenBlocksFunction.apply(whole, added, passes)
                : Through(passes, whole, added)
        ).MoveToOuterDisposeScope();

        void Check(Tensor given, string name, long? first, string second)
        {
            if (
                given.dim() != 3
                || given.shape[0] != (first ?? given.shape[0])
                || given.shape[2] != width
                || given.dtype != type
                || given.device_type != DeviceType.CPU
            )
                throw new ArgumentException(
                    $"{name} are {given.dtype} ({string.Join(", ", given.shape)}) on {given.device}: the blocks take {type} ({first?.ToString() ?? "B"}, {second}, {width}) on cpu",
                    name
                );
        }
    }

    private static Tensor Through(BlockPass[] passes, Tensor tokens, Tensor prompts)
    {
        var current = tokens;
        for (var i = 0; i < passes.Length; i++)
        {
            var before = current;
            current = passes[i].Outputs(tokens.shape[0]);
            passes[i]
                .Forward(
                    tokens.shape[0],
                    before.Start(),
                    prompts.select(0, i),
                    current.Start(),
                    default
                );
            if (i > 0)
                before.Dispose();
        }
        return current;
    }
}

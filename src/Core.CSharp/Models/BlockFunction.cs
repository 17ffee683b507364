using LongTail.Core.Interop;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace LongTail.Core.Models;

/// <summary>A <see cref="BlockPass"/> with its gradient: tokens (B, T, Width), prompts (P, Width) and the pass.</summary>
internal sealed class BlockFunction : SingleTensorFunction<BlockFunction>
{
    private const string Pass = "pass";
    private const string Kept = "kept";
    private const string TokensWanted = "tokens wanted";

    // libtorch runs a backward pass on the CPU in the thread that asks for it.
    [ThreadStatic]
    private static int retaining;

    // What the last block's backward pass returned: libtorch has its own reference by the time of the next one.
    [ThreadStatic]
    private static Tensor? returned;

    public override string Name => nameof(FrozenBlock);

    /// <summary>Until the result is disposed, backward passes of this thread leave their graphs for another one.</summary>
    internal static IDisposable Retain()
    {
        retaining++;
        return new Retained();
    }

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var (tokens, prompts, pass) = ((Tensor)vars[0], (Tensor)vars[1], (BlockPass)vars[2]);
        var kept = pass.RoomToKeep(tokens.shape[0]);
        ctx.save_data(Pass, pass);
        ctx.save_data(Kept, kept);
        ctx.save_data(TokensWanted, tokens.requires_grad);
        ctx.save_for_backward([tokens, prompts]);
        return pass.Forward(tokens, prompts, kept.Start);
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        returned?.Dispose();
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var pass = (BlockPass)ctx.get_data(Pass);
        var kept = (KeptMemory)ctx.get_data(Kept);
        var (tokens, prompts) = pass.Backward(
            saved[0],
            saved[1],
            kept.Start,
            grad_output.contiguous(),
            (bool)ctx.get_data(TokensWanted)
        );
        if (retaining == 0)
            kept.Dispose();
        returned = tokens?.MoveToOuterDisposeScope();
        return [returned!, prompts.MoveToOuterDisposeScope(), null!];
    }

    private sealed class Retained : IDisposable
    {
        public void Dispose() => retaining--;
    }
}

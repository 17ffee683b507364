using LongTail.Core.Interop;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace LongTail.Core.Models;

/// <summary>
/// The blocks' passes with their gradient: tokens (B, T, Width), prompts (blocks, P, Width) and the passes. One node of the graph
/// for all of them: each has TorchSharp keep a tensor of its output's size.
/// </summary>
internal sealed class FrozenBlocksFunction : SingleTensorFunction<FrozenBlocksFunction>
{
    private const string Passes = "passes";
    private const string Kept = "kept";
    private const string TokensWanted = "tokens wanted";

    // libtorch runs a backward pass on the CPU in the thread that asks for it.
    [ThreadStatic]
    private static int retaining;

    public override string Name => nameof(FrozenBlocks);

    /// <summary>Until the result is disposed, backward passes of this thread leave their graphs for another one.</summary>
    internal static IDisposable Retain()
    {
        retaining++;
        return new Retained();
    }

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var (tokens, prompts, passes) = ((Tensor)vars[0], (Tensor)vars[1], (BlockPass[])vars[2]);
        using var scope = NewDisposeScope();
        var images = tokens.shape[0];
        KeptMemory[] kept =
        [
            .. passes.Select((pass, i) => new KeptMemory(pass.Kept(images, first: i == 0))),
        ];
        var outputs = passes[^1].Outputs(images);
        var blocks = Array.ConvertAll(kept, memory => memory.Block);
        for (var i = 0; i < passes.Length; i++)
            passes[i]
                .Forward(
                    images,
                    i == 0 ? tokens.Start() : blocks[i].Tokens,
                    prompts.select(0, i),
                    i == passes.Length - 1 ? outputs.Start() : blocks[i + 1].Tokens,
                    blocks[i].Read
                );
        ctx.save_data(Passes, passes);
        ctx.save_data(Kept, kept);
        ctx.save_data(TokensWanted, tokens.requires_grad);
        ctx.save_for_backward([tokens, prompts]);
        return outputs.MoveToOuterDisposeScope();
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var (tokens, prompts) = (saved[0], saved[1]);
        var passes = (BlockPass[])ctx.get_data(Passes);
        var kept = (KeptMemory[])ctx.get_data(Kept);
        var promptsSlope = empty_like(prompts);
        Tensor? slope = grad_output.contiguous();
        // TorchSharp's handle, which would hold the gradient until the step's scope ends.
        grad_output.Dispose();
        for (var i = passes.Length - 1; i >= 0; i--)
        {
            var given = slope!;
            var block = kept[i].Block;
            slope = i > 0 || (bool)ctx.get_data(TokensWanted) ? empty_like(tokens) : null;
            passes[i]
                .Backward(
                    tokens.shape[0],
                    i == 0 ? tokens.Start() : block.Tokens,
                    prompts.select(0, i),
                    block.Read,
                    given.Start(),
                    slope.Start(),
                    promptsSlope.select(0, i)
                );
            given.Dispose();
            if (retaining == 0)
                kept[i].Dispose();
        }
        return [slope?.MoveToOuterDisposeScope()!, promptsSlope.MoveToOuterDisposeScope(), null!];
    }

    private sealed class Retained : IDisposable
    {
        public void Dispose() => retaining--;
    }
}

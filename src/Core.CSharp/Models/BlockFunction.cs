using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace LongTail.Core.Models;

/// <summary>A <see cref="BlockPass"/> with its gradient: tokens (B, T, Width), prompts (P, Width) and the pass.</summary>
internal sealed class BlockFunction : SingleTensorFunction<BlockFunction>
{
    private const string Pass = "pass";
    private const string TokensWanted = "tokens wanted";

    public override string Name => nameof(FrozenBlock);

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var (tokens, prompts, pass) = ((Tensor)vars[0], (Tensor)vars[1], (BlockPass)vars[2]);
        var kept = pass.RoomToKeep(tokens.shape[0]);
        ctx.save_data(Pass, pass);
        ctx.save_data(TokensWanted, tokens.requires_grad);
        ctx.save_for_backward([tokens, prompts, .. kept]);
        return pass.Forward(tokens, prompts, kept);
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var pass = (BlockPass)ctx.get_data(Pass);
        var (tokens, prompts) = pass.Backward(
            saved[0],
            saved[1],
            saved[2..],
            grad_output.contiguous(),
            (bool)ctx.get_data(TokensWanted)
        );
        return
        [
            tokens?.MoveToOuterDisposeScope()!,
            prompts.MoveToOuterDisposeScope(),
            null!,
        ];
    }
}

using LongTail.Core.Interop;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace LongTail.Core.Models;

/// <summary>
/// Features (B, Width) times the head's rows (C, Width) to (B, C), with its gradients. On one thread, so that a run with a
/// frozen backbone has the same bits on any number of them: the blocks take a hundred times as long and more.
/// </summary>
internal sealed class HeadProduct : SingleTensorFunction<HeadProduct>
{
    public override string Name => nameof(HeadProduct);

    internal static Tensor Of(Tensor features, Tensor rows) =>
        is_grad_enabled() && (features.requires_grad || rows.requires_grad)
            ? apply(features, rows)
            : Product(features, rows);

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var (features, rows) = ((Tensor)vars[0], (Tensor)vars[1]);
        ctx.save_for_backward([features, rows]);
        return Product(features, rows);
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        using var alone = new OneThread();
        var saved = ctx.get_saved_variables();
        var (features, rows) = (saved[0], saved[1]);
        return
        [
            grad_output.mm(rows).MoveToOuterDisposeScope(),
            grad_output.t().mm(features).MoveToOuterDisposeScope(),
        ];
    }

    private static Tensor Product(Tensor features, Tensor rows)
    {
        using var scope = NewDisposeScope();
        using var alone = new OneThread();
        return features.mm(rows.t()).MoveToOuterDisposeScope();
    }
}

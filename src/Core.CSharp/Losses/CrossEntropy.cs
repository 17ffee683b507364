using static TorchSharp.torch;

namespace LongTail.Core.Losses;

/// <summary>-log softmax(scale * outputs)[y]; draws no noise.</summary>
public sealed class CrossEntropy(double scale) : Loss(scale)
{
    public override Tensor Logits(Tensor outputs, Tensor targets, LossNoise noise) =>
        outputs.mul(Scale);

    public override void Dispose() { }
}

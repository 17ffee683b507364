using static TorchSharp.torch;

namespace LongTail.Core.Losses;

/// <summary>scale * z; draws no noise.</summary>
public sealed class ScaledLogits(double scale) : LogitRule(scale)
{
    public override Tensor Logits(Tensor outputs, Tensor targets, LossNoise noise) =>
        outputs.mul(Scale);
}

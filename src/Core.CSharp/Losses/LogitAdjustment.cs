using static TorchSharp.torch;

namespace LongTail.Core.Losses;

/// <summary>
/// Logit adjustment (Menon et al. 2021): scale * z_j + tau * ln pi_j, pi_j the share of class j in the training images.
/// Tau 1 is balanced softmax (Ren et al. 2020). Draws no noise.
/// </summary>
public sealed class LogitAdjustment : LogitRule
{
    private readonly Tensor adjustments;

    /// <param name="classCounts">Training images of each class.</param>
    /// <param name="tau">0 adjusts nothing.</param>
    /// <param name="dtype">The outputs' dtype.</param>
    /// <param name="device">The outputs' device; null is the CPU.</param>
    /// <exception cref="InputException">no class, or a class without an image</exception>
    /// <exception cref="ArgumentOutOfRangeException">scale not positive; tau negative; any of them NaN</exception>
    public LogitAdjustment(
        IReadOnlyList<int> classCounts,
        double scale,
        double tau,
        ScalarType dtype = ScalarType.Float32,
        Device? device = null
    )
        : base(scale)
    {
        Guard.NotNegative(tau);
        adjustments = PerClass(Prior(classCounts).Select(share => tau * share), dtype, device);
    }

    /// <summary>ln pi_j = ln(n_j / N); tau times it is added in training, or taken off the scaled outputs post hoc.</summary>
    /// <exception cref="InputException">no class, or a class without an image</exception>
    public static double[] Prior(IReadOnlyList<int> classCounts)
    {
        double images = ClassCounts.Check(classCounts).Sum(n => (long)n);
        return [.. classCounts.Select(n => Math.Log(n / images))];
    }

    public override Tensor Logits(Tensor outputs, Tensor targets, LossNoise noise)
    {
        using var scope = NewDisposeScope();
        return outputs.mul(Scale).add_(adjustments).MoveToOuterDisposeScope();
    }

    public override void Dispose() => adjustments.Dispose();
}

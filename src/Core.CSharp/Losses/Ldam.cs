using static TorchSharp.torch;

namespace LongTail.Core.Losses;

/// <summary>
/// Label-distribution-aware margins (Cao et al. 2019; method.md 2.2): scale * (z - D_y) at the target y, scale * z elsewhere.
/// The rarer a class, the larger its margin D_j. Draws no noise.
/// </summary>
public sealed class Ldam : LogitRule
{
    private readonly Tensor lifts;

    /// <param name="classCounts">Training images of each class.</param>
    /// <param name="scale">Published: 30.</param>
    /// <param name="largestMargin">Of the rarest class. Published: 0.5.</param>
    /// <param name="unscaledLogits">
    /// GNM-PT's code: z - scale * D_y at the target, z elsewhere. Right where the head has scaled already, broken on cosines.
    /// </param>
    /// <param name="dtype">The outputs' dtype.</param>
    /// <param name="device">The outputs' device; null is the CPU.</param>
    /// <exception cref="InputException">no class, or a class without an image</exception>
    /// <exception cref="ArgumentOutOfRangeException">scale not positive; margin negative; any of them NaN</exception>
    public Ldam(
        IReadOnlyList<int> classCounts,
        double scale,
        double largestMargin,
        bool unscaledLogits = false,
        ScalarType dtype = ScalarType.Float32,
        Device? device = null
    )
        : base(unscaledLogits ? 1 : scale)
    {
        Guard.Positive(scale);
        lifts = PerClass(
            Margins(classCounts, largestMargin).Select(margin => -scale * margin),
            dtype,
            device
        );
    }

    /// <summary>D_j = largest * (n_min / n_j)^(1/4); all the largest where the counts are equal.</summary>
    /// <exception cref="InputException">no class, or a class without an image</exception>
    public static double[] Margins(IReadOnlyList<int> classCounts, double largest)
    {
        Guard.NotNegative(largest);
        double rarest = ClassCounts.Check(classCounts).Min();
        return [.. classCounts.Select(n => largest * Math.Pow(rarest / n, 0.25))];
    }

    public override Tensor Logits(Tensor outputs, Tensor targets, LossNoise noise)
    {
        using var scope = NewDisposeScope();
        return outputs
            .mul(Scale)
            .scatter_add_(1, targets.unsqueeze(1), lifts.index_select(0, targets).unsqueeze(1))
            .MoveToOuterDisposeScope();
    }

    public override void Dispose() => lifts.Dispose();
}

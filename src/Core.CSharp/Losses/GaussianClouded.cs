using static TorchSharp.torch;

namespace LongTail.Core.Losses;

/// <summary>
/// Gaussian clouded logits on cosines (method.md 2.4): cross-entropy of scale * c' with
/// c'_ij = c_ij - noise * |clamp(N(0, 1/9), -1, 1)|_ij * d_j for every sample and class, and the margin taken off the target.
/// The rarer a class, the wider the cloud around its logit: d_j is 0 for the largest class and 1 for the smallest.
/// </summary>
public sealed class GaussianClouded : LogitRule
{
    private readonly double margin;
    private readonly Tensor cloud;

    /// <param name="classCounts">Training images of each class.</param>
    /// <param name="scale">Published: 25.</param>
    /// <param name="margin">Published: 0.1.</param>
    /// <param name="noise">Published: 1. Times d_j it bounds what is taken off class j's cosine.</param>
    /// <param name="dtype">The outputs' dtype.</param>
    /// <param name="device">The outputs' device; null is the CPU.</param>
    /// <exception cref="InputException">no class, or a class without an image</exception>
    /// <exception cref="ArgumentOutOfRangeException">scale not positive; margin or noise negative; any of them NaN</exception>
    public GaussianClouded(
        IReadOnlyList<int> classCounts,
        double scale,
        double margin,
        double noise,
        ScalarType dtype = ScalarType.Float32,
        Device? device = null
    )
        : base(scale)
    {
        this.margin = Guard.NotNegative(margin);
        Guard.NotNegative(noise);
        cloud = PerClass(Difficulty(classCounts).Select(d => noise * d), dtype, device);
    }

    /// <summary>
    /// d_j = ln(n_max / n_j) / ln(n_max / n_min); all zero where the counts are equal, the published code's 0 / 0.
    /// </summary>
    /// <exception cref="InputException">no class, or a class without an image</exception>
    public static double[] Difficulty(IReadOnlyList<int> classCounts)
    {
        ClassCounts.Check(classCounts);
        double largest = classCounts.Max();
        var range = Math.Log(largest / classCounts.Min());
        return [.. classCounts.Select(n => range == 0 ? 0 : Math.Log(largest / n) / range)];
    }

    public override Tensor Logits(Tensor outputs, Tensor targets, LossNoise noise)
    {
        using var scope = NewDisposeScope();
        return outputs.sub(Offset(outputs, targets, noise)).mul(Scale).MoveToOuterDisposeScope();
    }

    // No gradient flows through the cloud or the margin: computed apart, the graph holds one subtraction.
    private Tensor Offset(Tensor outputs, Tensor targets, LossNoise noise)
    {
        using var recording = no_grad();
        var offset = noise(outputs.shape).clamp(-1, 1).abs().mul(cloud);
        var column = targets.unsqueeze(1);
        return offset.scatter_add_(
            1,
            column,
            full(column.shape, margin, offset.dtype, offset.device)
        );
    }

    public override void Dispose() => cloud.Dispose();
}

using LongTail.Core.Settings;
using static TorchSharp.torch;

namespace LongTail.Core.Losses;

/// <summary>
/// Label-aware smoothing (Zhong et al. 2021; method.md 2.2): a share q of the target is spread evenly over all classes, and q
/// goes with the class's count from Tail at the smallest to Head at the largest. Head = Tail is label smoothing.
/// </summary>
public sealed class Smoothing : IDisposable
{
    private readonly Tensor shares;

    /// <param name="classCounts">Training images of each class.</param>
    /// <param name="dtype">The logits' dtype.</param>
    /// <param name="device">The logits' device; null is the CPU.</param>
    /// <exception cref="InputException">no class, or a class without an image</exception>
    /// <exception cref="ArgumentOutOfRangeException">a share outside [0, 1), an exponent that is not positive, NaN</exception>
    public Smoothing(
        SmoothingSettings settings,
        IReadOnlyList<int> classCounts,
        ScalarType dtype = ScalarType.Float32,
        Device? device = null
    ) =>
        shares = tensor(Shares(settings, classCounts), dtype, device ?? CPU)
            .DetachFromDisposeScope();

    /// <summary>
    /// q_j of each class. With equal counts every class is as large as the largest, so q_j = Head, where the formula has
    /// 0 / 0.
    /// </summary>
    /// <exception cref="InputException">no class, or a class without an image</exception>
    public static double[] Shares(SmoothingSettings settings, IReadOnlyList<int> classCounts)
    {
        var (head, tail) = (Guard.BelowOne(settings.Head), Guard.BelowOne(settings.Tail));
        double smallest = ClassCounts.Check(classCounts).Min();
        var range = classCounts.Max() - smallest;
        return [.. classCounts.Select(n => Share(range == 0 ? 1 : (n - smallest) / range))];

        double Share(double u) =>
            settings.Shape switch
            {
                SmoothingShape.Concave => tail + (head - tail) * Math.Sin(Math.PI * u / 2),
                SmoothingShape.Linear => tail + (head - tail) * u,
                SmoothingShape.Convex => head + (head - tail) * Math.Sin(Math.PI * (3 + u) / 2),
                SmoothingShape.Power => tail
                    + (head - tail) * Math.Pow(u, Guard.Positive(settings.Exponent)),
                _ => throw new NotSupportedException($"No smoothing for {settings}."),
            };
    }

    /// <summary>(1 - q_y) * nll_y + q_y * mean of all nll.</summary>
    /// <param name="losses">(batch, classes): -ln p of each class.</param>
    /// <param name="ofTarget">(batch): the targets' column of it.</param>
    /// <param name="targets">(batch), int64 class indices.</param>
    /// <returns>(batch)</returns>
    public Tensor Of(Tensor losses, Tensor ofTarget, Tensor targets)
    {
        using var scope = NewDisposeScope();
        var spread = losses.mean([1]).sub(ofTarget);
        return ofTarget.add(spread.mul(shares.index_select(0, targets))).MoveToOuterDisposeScope();
    }

    public void Dispose() => shares.Dispose();
}

using LongTail.Core.Settings;

namespace LongTail.Core.Losses;

/// <summary>Weights of the classes in the weighted mean of a loss, from the classes' training counts.</summary>
public static class ClassWeights
{
    /// <summary>
    /// Effective-number weights (method.md 2.1): w_j ~ (1 - beta) / (1 - beta^n_j), scaled to a mean of 1.
    /// </summary>
    /// <param name="counts">Training images of each class.</param>
    /// <param name="beta">In [0, 1): 0 gives all ones, toward 1 the weights tend to 1 / n_j.</param>
    /// <exception cref="InputException">no class, or a class without an image</exception>
    /// <exception cref="ArgumentOutOfRangeException">beta outside [0, 1) or NaN</exception>
    public static double[] EffectiveNumber(IReadOnlyList<int> counts, double beta)
    {
        Guard.BelowOne(beta);
        ClassCounts.Check(counts);
        var weights = counts.Select(n => (1 - beta) / (1 - Math.Pow(beta, n))).ToArray();
        var mean = weights.Average();
        return [.. weights.Select(w => w / mean)];
    }

    /// <summary>
    /// Deferred re-weighting (method.md 2.3): none through epoch After, effective-number weights from then on. After = -1 is
    /// the class-balanced loss (Cui et al. 2019).
    /// </summary>
    /// <param name="rule">null never re-weights.</param>
    /// <param name="epoch">Counts from 0.</param>
    public static double[]? Deferred(
        DeferredReweighting? rule,
        IReadOnlyList<int> counts,
        int epoch
    ) => rule is not null && epoch > rule.After ? EffectiveNumber(counts, rule.Beta) : null;
}

namespace LongTail.Core.Optimizers;

/// <summary>
/// A loss in two parts by class, for an ascent that climbs one of them: L = sum_j (Still_j L_j(w) + Sharp_j L_j(w + e)), with
/// L_j what the images of class j add to the batch's loss.
/// </summary>
/// <param name="Still">Factor of each class in the part taken at w.</param>
/// <param name="Sharp">Factor of each class in the part that e climbs and that is taken at w + e.</param>
public sealed record ClassSharpness(IReadOnlyList<double> Still, IReadOnlyList<double> Sharp)
{
    private const double PublishedTailFactor = 2;

    /// <summary>
    /// ImbSAM (Zhou et al., 2023): the head's classes are taken at w, the tail's at w + e, and count twice there, as
    /// published.
    /// </summary>
    /// <param name="classCounts">Training images of each class.</param>
    /// <param name="tailBelow">A class of the tail has fewer images than this.</param>
    public static ClassSharpness ImbSam(IReadOnlyList<int> classCounts, int tailBelow)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tailBelow);
        return new(
            [.. classCounts.Select(n => n < tailBelow ? 0 : 1.0)],
            [.. classCounts.Select(n => n < tailBelow ? PublishedTailFactor : 0)]
        );
    }

    /// <summary>
    /// Focal-SAM (Li et al., 2025): L(w) + sharpness * (L^gamma(w + e) - L^gamma(w)), where L^gamma weighs class j by
    /// (1 - n_j / N)^gamma. With gamma 0 and sharpness 1 it is SAM.
    /// </summary>
    /// <param name="classCounts">Training images of each class.</param>
    /// <param name="gamma">At least 0; the larger, the less the head's sharpness counts.</param>
    /// <param name="sharpness">lambda, at least 0; above 1 the part at w is negative in the tail, as in the published runs.</param>
    /// <exception cref="ArgumentOutOfRangeException">gamma or sharpness negative or NaN</exception>
    public static ClassSharpness FocalSam(
        IReadOnlyList<int> classCounts,
        double gamma,
        double sharpness
    )
    {
        Guard.NotNegative(gamma);
        Guard.NotNegative(sharpness);
        double total = classCounts.Sum(n => (long)n);
        double[] sharp = [.. classCounts.Select(n => sharpness * Math.Pow(1 - n / total, gamma))];
        return new([.. sharp.Select(s => 1 - s)], sharp);
    }
}

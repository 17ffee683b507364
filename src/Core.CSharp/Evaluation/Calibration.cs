namespace LongTail.Core.Evaluation;

/// <summary>How far confidences are from accuracies (method.md 7).</summary>
/// <param name="ExpectedError">ECE: mean over images of their bin's |accuracy - confidence|; null where no image is in a bin.</param>
/// <param name="MaximumError">MCE: the largest of the bins' gaps; null where no image is in a bin.</param>
public readonly record struct Calibration(double? ExpectedError, double? MaximumError)
{
    private const int Bins = 15;

    /// <summary>
    /// Fifteen equal bins on (0, 1], each closed on its right. A confidence of 0, or one that is no number (a run that
    /// diverged), is in none of them.
    /// </summary>
    /// <param name="confidences">Largest softmax value of each image. The logits must have been scaled: bare cosines say nothing.</param>
    /// <param name="correct">Whether each image's prediction was right.</param>
    public static Calibration Of(IReadOnlyList<double> confidences, IReadOnlyList<bool> correct)
    {
        if (confidences.Count != correct.Count)
            throw new ArgumentException(
                $"{confidences.Count} confidences for {correct.Count} predictions"
            );
        // Of a bin, |sum correct - sum confidence| is its gap times its count.
        var (surplus, count) = (new double[Bins], new long[Bins]);
        for (var i = 0; i < confidences.Count; i++)
        {
            if (!(confidences[i] > 0))
                continue;
            var bin = 0;
            while (bin < Bins - 1 && confidences[i] > (bin + 1) / (double)Bins)
                bin++;
            surplus[bin] += (correct[i] ? 1 : 0) - confidences[i];
            count[bin]++;
        }
        if (count.Sum() == 0)
            return new Calibration(null, null);
        var gaps = surplus.Zip(count, (s, n) => n == 0 ? 0 : Math.Abs(s) / n);
        return new Calibration(surplus.Sum(Math.Abs) / count.Sum(), gaps.Max());
    }
}

namespace LongTail.Core.Evaluation;

/// <summary>The images of one confidence.</summary>
/// <param name="Images">How many.</param>
/// <param name="Confidence">Their mean, in (0, 1].</param>
/// <param name="Accuracy">Share of them that is right.</param>
public readonly record struct ReliabilityBin(int Images, double Confidence, double Accuracy);

/// <summary>How far confidences are from accuracies (method.md 7).</summary>
/// <param name="ExpectedError">ECE: mean over images of their bin's |accuracy - confidence|.</param>
/// <param name="MaximumError">MCE: the largest of the bins' gaps.</param>
/// <param name="Bins">Those that have an image, by rising confidence; null in results that were kept before these were.</param>
public readonly record struct Calibration(
    double ExpectedError,
    double MaximumError,
    IReadOnlyList<ReliabilityBin>? Bins = null
)
{
    private const int BinCount = 15;

    /// <summary>Fifteen equal bins on (0, 1], each closed on its right.</summary>
    /// <param name="confidences">Largest softmax value of each image. The logits must have been scaled: bare cosines say nothing.</param>
    /// <param name="correct">Whether each image's prediction was right.</param>
    /// <exception cref="ArgumentException">No image, unequal lengths, or a confidence that is 0 or no number.</exception>
    public static Calibration Of(IReadOnlyList<double> confidences, IReadOnlyList<bool> correct)
    {
        if (confidences.Count != correct.Count || correct.Count == 0)
            throw new ArgumentException(
                $"{confidences.Count} confidences for {correct.Count} predictions"
            );
        var (right, confidence) = (new int[BinCount], new double[BinCount]);
        var images = new int[BinCount];
        for (var i = 0; i < confidences.Count; i++)
        {
            if (!(confidences[i] > 0))
                throw new ArgumentException($"{confidences[i]} is no confidence");
            var bin = 0;
            while (bin < BinCount - 1 && confidences[i] > (bin + 1) / (double)BinCount)
                bin++;
            right[bin] += correct[i] ? 1 : 0;
            confidence[bin] += confidences[i];
            images[bin]++;
        }
        ReliabilityBin[] bins =
        [
            .. Enumerable
                .Range(0, BinCount)
                .Where(bin => images[bin] > 0)
                .Select(bin => new ReliabilityBin(
                    images[bin],
                    confidence[bin] / images[bin],
                    right[bin] / (double)images[bin]
                )),
        ];
        double Gap(ReliabilityBin bin) => Math.Abs(bin.Accuracy - bin.Confidence);
        return new Calibration(
            bins.Sum(bin => bin.Images * Gap(bin)) / bins.Sum(bin => bin.Images),
            bins.Max(Gap),
            bins
        );
    }
}

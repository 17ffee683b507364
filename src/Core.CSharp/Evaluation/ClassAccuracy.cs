namespace LongTail.Core.Evaluation;

/// <summary>Correct and total test images of every class, and the accuracies that follow (method.md 7).</summary>
public sealed class ClassAccuracy
{
    private readonly long[] correct;
    private readonly long[] total;

    private ClassAccuracy(long[] correct, long[] total)
    {
        this.correct = correct;
        this.total = total;
        PerClass = [.. correct.Zip(total, (c, n) => n == 0 ? null : (double?)((double)c / n))];
    }

    /// <summary>Counts a whole test set, in any order and however it was cut into batches.</summary>
    /// <param name="predicted">Predicted class of each image.</param>
    /// <param name="targets">True class of each image; as long as <paramref name="predicted"/>.</param>
    /// <exception cref="ArgumentException">No image, unequal lengths, or a target outside the classes.</exception>
    public static ClassAccuracy Of(
        IReadOnlyList<long> predicted,
        IReadOnlyList<long> targets,
        int classes
    )
    {
        if (predicted.Count != targets.Count || targets.Count == 0)
            throw new ArgumentException(
                $"{predicted.Count} predictions for {targets.Count} test images"
            );
        var (correct, total) = (new long[classes], new long[classes]);
        for (var i = 0; i < targets.Count; i++)
        {
            if (targets[i] < 0 || targets[i] >= classes)
                throw new ArgumentException($"target {targets[i]} is not one of {classes} classes");
            total[targets[i]]++;
            if (predicted[i] == targets[i])
                correct[targets[i]]++;
        }
        return new ClassAccuracy(correct, total);
    }

    /// <summary>Accuracy in [0, 1] of each class; null where the class has no test image.</summary>
    public IReadOnlyList<double?> PerClass { get; }

    /// <summary>Correct images over all images, whatever their class or batch.</summary>
    public double Top1 => (double)correct.Sum() / total.Sum();

    /// <summary>Plain mean of the classes' accuracies.</summary>
    public double Macro => Present.Average();

    /// <summary>Harmonic mean of the classes' accuracies; 0 as soon as one class is never right.</summary>
    public double Harmonic =>
        Present.Contains(0) ? 0 : Present.Count() / Present.Sum(accuracy => 1 / accuracy);

    /// <summary>Accuracy of the class that fares worst.</summary>
    public double Worst => Present.Min();

    /// <summary>
    /// The published code's accuracy: the plain mean of the batches' accuracies, so that an image of a short last batch
    /// counts more than others (method.md 7).
    /// </summary>
    /// <param name="correct">Whether each image's prediction was right, in the test set's order.</param>
    public static double BatchMean(IReadOnlyList<bool> correct, int batchSize) =>
        correct.Chunk(batchSize).Average(batch => batch.Average(right => right ? 1.0 : 0.0));

    private IEnumerable<double> Present => PerClass.OfType<double>();
}

using LongTail.Core.Settings;

namespace LongTail.Core.Data;

/// <summary>How many images of each class a long-tailed subset keeps.</summary>
public static class LongTailed
{
    /// <summary>Images kept of each class: all of them at an imbalance factor of 1, but for a smaller largest class.</summary>
    /// <param name="have">Images that the whole set has of each class, the largest first.</param>
    /// <exception cref="InputException">As <see cref="Counts"/>; or a class has fewer images than are to be kept of it.</exception>
    public static int[] Kept(
        ImbalanceProfile profile,
        double imbalanceFactor,
        int? largest,
        IReadOnlyList<int> have
    )
    {
        var most = largest ?? have[0];
        if (imbalanceFactor == 1 && most <= have[0])
            return [.. have.Select(count => Math.Min(count, most))];
        var kept = Counts(profile, imbalanceFactor, most, have.Count);
        for (var j = 0; j < have.Count; j++)
            if (have[j] < kept[j])
                throw new InputException(
                    $"class {j} has {have[j]} images, not the {kept[j]} to be kept of it: lower the size of the largest class"
                );
        return kept;
    }

    /// <summary>
    /// Images a class, largest first (method.md 4.1): trunc(largest / IF^(j/(C-1))), or for the step profile
    /// <paramref name="largest"/> in the first half of the classes and trunc(largest / IF) in the rest.
    /// </summary>
    /// <param name="imbalanceFactor">IF: largest over smallest class, at least 1.</param>
    /// <param name="largest">Images of the largest class.</param>
    /// <param name="classes">C, the number of classes.</param>
    /// <exception cref="InputException">The factor is no finite number from 1 up, or a class is left without an image.</exception>
    public static int[] Counts(
        ImbalanceProfile profile,
        double imbalanceFactor,
        int largest,
        int classes
    )
    {
        if (!(imbalanceFactor >= 1 && double.IsFinite(imbalanceFactor)))
            throw new InputException(
                $"imbalance factor {imbalanceFactor} is not a finite number of at least 1: give largest over smallest class, as in 100"
            );
        // Division keeps the last class exact where the published product with 1 / IF can fall below a whole number.
        int Count(int j) =>
            profile switch
            {
                ImbalanceProfile.Exponential when classes > 1 => (int)(
                    largest / Math.Pow(imbalanceFactor, j / (classes - 1.0))
                ),
                ImbalanceProfile.Step when j >= classes / 2 => (int)(largest / imbalanceFactor),
                _ => largest,
            };
        var counts = Enumerable.Range(0, classes).Select(Count).ToArray();
        var empty = Array.FindIndex(counts, n => n < 1);
        return empty < 0
            ? counts
            : throw new InputException(
                $"class {empty} of {classes} is left without an image at imbalance factor {imbalanceFactor} with {largest} images in the largest class: lower the factor or take more images"
            );
    }
}

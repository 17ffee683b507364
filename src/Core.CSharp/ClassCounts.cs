namespace LongTail.Core;

/// <summary>Training images of each class, as the formulas of method.md 2 and 4.5 need them.</summary>
internal static class ClassCounts
{
    /// <exception cref="InputException">no class, or a class without an image</exception>
    public static IReadOnlyList<int> Check(IReadOnlyList<int> counts)
    {
        if (counts.Count == 0)
            throw new InputException(
                "The training set has no class: choose a data set with images."
            );
        for (var j = 0; j < counts.Count; j++)
            if (counts[j] < 1)
                throw new InputException(
                    $"Class {j} has {counts[j]} training images, and what depends on its count is undefined: "
                        + "lower the imbalance factor or enlarge the largest class."
                );
        return counts;
    }
}

namespace LongTail.Core.Data;

/// <summary>Which images of a data set are kept.</summary>
public static class Selection
{
    /// <summary>
    /// The published choice (method.md 4.2): class by class, the images in file order are shuffled by one
    /// <see cref="MersenneTwister"/> and the first so many kept. The whole class is always shuffled, so fewer
    /// images of a class are a prefix of more.
    /// </summary>
    /// <param name="labels">Class of every image, in file order.</param>
    /// <param name="counts">Images to keep of each class.</param>
    /// <param name="seed">Published: 0.</param>
    /// <returns>Indices into <paramref name="labels"/>, one class after the other.</returns>
    /// <exception cref="ArgumentException">A class has fewer images than are to be kept of it.</exception>
    public static int[] Published(IReadOnlyList<int> labels, IReadOnlyList<int> counts, uint seed)
    {
        var random = new MersenneTwister(seed);
        var kept = new List<int>(counts.Sum());
        foreach (var (label, members) in Members(labels, counts.Count).Index())
        {
            if (members.Length < counts[label])
                throw new ArgumentException(
                    $"class {label} has {members.Length} images, not {counts[label]}",
                    nameof(counts)
                );
            random.Shuffle(members);
            kept.AddRange(members.AsSpan(0, counts[label]));
        }
        return [.. kept];
    }

    /// <summary>The first <paramref name="count"/> images of each class (all where it has fewer), in file order.</summary>
    public static int[] FirstOfEachClass(IReadOnlyList<int> labels, int classes, int count) =>
        [.. Members(labels, classes).SelectMany(members => members.Take(count)).Order()];

    private static int[][] Members(IReadOnlyList<int> labels, int classes)
    {
        var members = Enumerable.Range(0, classes).Select(_ => new List<int>()).ToArray();
        for (var i = 0; i < labels.Count; i++)
            members[labels[i]].Add(i);
        return [.. members.Select(list => list.ToArray())];
    }
}

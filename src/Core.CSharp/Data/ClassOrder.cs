namespace LongTail.Core.Data;

/// <summary>
/// Classes by falling count of training images, so that index ranges are head, medium and tail (method.md 4.4). Classes of
/// equal counts keep their order, which the published code leaves to chance.
/// </summary>
public sealed class ClassOrder
{
    private readonly int[] place;

    /// <param name="counts">Training images of each class as the list numbers them.</param>
    public ClassOrder(IReadOnlyList<int> counts)
    {
        Original = [.. Enumerable.Range(0, counts.Count).OrderByDescending(label => counts[label])];
        place = new int[counts.Count];
        for (var i = 0; i < place.Length; i++)
            place[Original[i]] = i;
    }

    /// <summary>The label that each class had.</summary>
    public IReadOnlyList<int> Original { get; }

    /// <summary>The class of a label, the same for training and test images.</summary>
    public int this[int label] => place[label];
}

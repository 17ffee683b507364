namespace LongTail.Core.Data;

/// <summary>Images of one size with their classes, in file order, as they lie in a data set's files.</summary>
/// <param name="Name">The data set's name, for messages.</param>
/// <param name="Pixels">Count x Channels x Height x Width bytes, planes one after the other.</param>
/// <param name="Labels">Class of each image, an index into <paramref name="ClassNames"/>.</param>
public sealed record ImageData(
    string Name,
    int Channels,
    int Height,
    int Width,
    byte[] Pixels,
    byte[] Labels,
    IReadOnlyList<string> ClassNames
)
{
    public int Count => Labels.Length;

    /// <summary>Bytes of one image.</summary>
    public int Stride => Channels * Height * Width;

    /// <summary>Images of each class.</summary>
    public int[] Counts()
    {
        var counts = new int[ClassNames.Count];
        foreach (var label in Labels)
            counts[label]++;
        return counts;
    }

    /// <summary>A copy of some images, in the order of <paramref name="indices"/>.</summary>
    public ImageData Take(IReadOnlyList<int> indices)
    {
        var pixels = new byte[checked(indices.Count * Stride)];
        for (var i = 0; i < indices.Count; i++)
            Pixels.AsSpan(indices[i] * Stride, Stride).CopyTo(pixels.AsSpan(i * Stride));
        return this with { Pixels = pixels, Labels = [.. indices.Select(index => Labels[index])] };
    }
}

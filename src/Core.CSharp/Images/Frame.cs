namespace LongTail.Core.Images;

/// <summary>What of an image becomes the model's square, in pixels of the image.</summary>
/// <param name="Left">Of the rectangle that is resized, as <paramref name="Top"/>, between pixels too.</param>
/// <param name="Whole">
/// Whether the filter may look beyond the rectangle, as where an image is resized and then cropped, or not, as where it is
/// cropped and then resized.
/// </param>
public readonly record struct Frame(
    double Left,
    double Top,
    double Width,
    double Height,
    bool Whole
)
{
    /// <summary>All of an image.</summary>
    public static Frame All(int width, int height) => new(0, 0, width, height, Whole: true);

    /// <summary>How many of the image's rows, from the top, are looked at; the filter's reach is bounded by the rectangle.</summary>
    public int Rows => Whole ? int.MaxValue : (int)Math.Ceiling(Top + Height);

    /// <summary>How many times smaller the image may be decoded with the rectangle still no smaller than its target: 1, 2, 4 or 8.</summary>
    public int Shrink(int width, int height)
    {
        var shrink = 8;
        while (shrink > 1 && (Width < shrink * width || Height < shrink * height))
            shrink /= 2;
        return shrink;
    }
}

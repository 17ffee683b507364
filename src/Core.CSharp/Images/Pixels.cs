namespace LongTail.Core.Images;

/// <summary>A decoded image: Height x Width x 3 bytes, red, green and blue of a pixel side by side.</summary>
/// <param name="rgb">Valid until its decoder or reader is asked for the next image.</param>
/// <param name="shrink">How many of the image's own pixels one of these stands for, in each direction.</param>
public readonly ref struct Pixels(ReadOnlySpan<byte> rgb, int width, int height, int shrink = 1)
{
    public ReadOnlySpan<byte> Rgb { get; } = rgb;

    public int Width { get; } = width;

    public int Height { get; } = height;

    public int Shrink { get; } = shrink;
}

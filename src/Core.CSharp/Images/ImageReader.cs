namespace LongTail.Core.Images;

/// <summary>Reads images of an <see cref="ImageSource"/>, one after the other on one thread.</summary>
public abstract class ImageReader : IDisposable
{
    private readonly Resampler resampler = new();

    /// <summary>Goes to an image.</summary>
    /// <returns>Its width and height.</returns>
    /// <exception cref="InputException">One line with the file's name.</exception>
    public abstract (int Width, int Height) Open(int position);

    /// <summary>The image that was gone to.</summary>
    /// <param name="shrink">1, 2, 4 or 8: it may come that many times smaller, where that costs less.</param>
    /// <param name="rows">From the top: those below need not be right.</param>
    /// <exception cref="InputException">One line with the file's name.</exception>
    public abstract Pixels Decode(int shrink, int rows = int.MaxValue);

    /// <summary>An image's square, 3 x Side x Side, a colour after the other.</summary>
    /// <param name="key">Of what is random in the framing.</param>
    /// <exception cref="InputException">One line with the file's name.</exception>
    public void Read(int position, Framing framing, ulong key, Span<byte> planes)
    {
        var (width, height) = Open(position);
        var side = framing.Side;
        var frame = framing.Of(width, height, key);
        resampler.ToPlanes(Decode(frame.Shrink(side, side), frame.Rows), frame, side, side, planes);
    }

    public abstract void Dispose();
}

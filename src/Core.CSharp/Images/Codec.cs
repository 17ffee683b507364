namespace LongTail.Core.Images;

/// <summary>
/// Decodes files of one format, one after the other on one thread. The data of a file stay where they are from
/// <see cref="Open"/> to <see cref="Decode"/>.
/// </summary>
internal abstract unsafe class Codec : IDisposable
{
    /// <summary>Reads the head of a file.</summary>
    /// <returns>Size as stored, and the EXIF orientation, 1 to 8.</returns>
    /// <exception cref="BrokenImageException">No such image.</exception>
    internal abstract (int Width, int Height, int Orientation) Open(byte* data, int length);

    /// <summary>The coarsest of these that the format can decode at, at most <paramref name="wanted"/>: a power of two.</summary>
    internal abstract int Shrink(int wanted);

    /// <summary>Decodes the opened file.</summary>
    /// <param name="rgb">Room for the image, its sides divided by <paramref name="shrink"/> and rounded up.</param>
    /// <param name="rows">Of the stored image, from the top: what is below them need not be decoded.</param>
    /// <exception cref="BrokenImageException">The data are damaged or cut off.</exception>
    internal abstract void Decode(byte* rgb, int shrink, int rows);

    /// <summary>What the decoder found odd in the image that it decoded last; null where it found nothing.</summary>
    internal string? Warning { get; private protected set; }

    public abstract void Dispose();
}

/// <summary>What is wrong with an image, without its file's name.</summary>
internal sealed class BrokenImageException(string reason) : Exception(reason);

using System.Runtime.InteropServices;

namespace LongTail.Core.Images;

/// <summary>The layout of a cache file: a head, the images' bytes one after the other, and where each of them lies.</summary>
internal static class PackedFile
{
    /// <summary>What the file is, and of which images and side.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    internal struct Head
    {
        internal ulong Magic;
        internal ulong Key;
        internal int Side;
        internal int Count;
    }

    /// <summary>Height x Width x 3 bytes from <paramref name="Offset"/>; an image that could not be decoded is 0 x 0.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    internal readonly record struct Entry(long Offset, int Width, int Height)
    {
        internal long Length => 3L * Width * Height;
    }

    // "LTPACK" and the layout's version, in the order of the file's bytes.
    private const ulong Magic = 0x3130_4B43_4150_544C;

    internal static Head Of(FileImages images, int side) =>
        new()
        {
            Magic = Magic,
            Key = Randomness.Key(images.ContentHash),
            Side = side,
            Count = images.Count,
        };
}

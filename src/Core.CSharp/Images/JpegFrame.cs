using System.Buffers.Binary;

namespace LongTail.Core.Images;

/// <summary>What the segments before a JPEG's image data say of it that TurboJPEG does not tell.</summary>
/// <param name="Orientation">Of the first EXIF segment; 1 where there is none.</param>
/// <param name="Height">Where the image's height stands; 0 where rows cannot be cut off, as other scans follow the first.</param>
internal readonly record struct JpegFrame(int Orientation, int Height)
{
    // Rows that may become one where the image is decoded smaller, and as many as upsampling may look at below.
    private const int Block = 8;
    private const int Beyond = 2 * Block;

    internal static JpegFrame Of(ReadOnlySpan<byte> file)
    {
        var (orientation, height, colours, at) = ((int?)null, 0, 0, 2);
        while (
            file[at..].IndexOf((byte)0xFF) is >= 0 and var skipped
            && at + skipped + 4 <= file.Length
        )
        {
            at += skipped;
            var rest = file[at..];
            var marker = rest[1];
            // Fill bytes, and markers without a length.
            if (marker is 0xFF or 0x00 or 0x01 or (>= 0xD0 and <= 0xD8))
            {
                at++;
                continue;
            }
            var length = 2 + BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (marker == 0xD9 || length > rest.Length)
                break;
            // One scan of all colours: what follows the rows that are decoded is of no use to them.
            if (marker == 0xDA)
                return new(orientation ?? Exif.Upright, rest[4] == colours ? height : 0);
            if (marker == 0xE1 && rest[4..length].StartsWith("Exif\0\0"u8))
                orientation ??= Exif.Orientation(rest[10..length]);
            // Baseline and extended; in a progressive file every scan is of the whole height.
            if (marker is 0xC0 or 0xC1 && length > 9)
                (height, colours) = (at + 5, rest[9]);
            at += length;
        }
        return new(orientation ?? Exif.Upright, 0);
    }

    /// <summary>Makes the head claim no more rows than are wanted, and a few for their surroundings, where that can be.</summary>
    /// <returns>How many it claims now.</returns>
    internal int Cut(Span<byte> file, int wanted, int height)
    {
        var cut = (wanted + Block - 1) / Block * Block + Beyond;
        if (Height == 0 || cut >= height)
            return height;
        Claim(file, cut);
        return cut;
    }

    /// <summary>Makes the head claim so many rows.</summary>
    internal void Claim(Span<byte> file, int rows)
    {
        if (Height != 0)
            BinaryPrimitives.WriteUInt16BigEndian(file[Height..], (ushort)rows);
    }
}

using System.Buffers.Binary;

namespace LongTail.Core.Images;

/// <summary>
/// Which way up a camera was held. Of all that EXIF holds only this is read, without an object an image, which the
/// libraries that read all of it do not offer.
/// </summary>
internal static class Exif
{
    internal const int Upright = 1;
    private const ushort OrientationTag = 0x0112;
    private const int EntryLength = 12;

    /// <summary>Orientation in the first EXIF segment before a JPEG's image data; 1 where there is none.</summary>
    internal static int OfJpeg(ReadOnlySpan<byte> file)
    {
        var rest = file[2..];
        while (rest.IndexOf((byte)0xFF) is >= 0 and var start && start + 4 <= rest.Length)
        {
            rest = rest[start..];
            var marker = rest[1];
            // Fill bytes, and markers without a length.
            if (marker is 0xFF or 0x00 or 0x01 or (>= 0xD0 and <= 0xD8))
            {
                rest = rest[1..];
                continue;
            }
            var length = 2 + BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (marker is 0xDA or 0xD9 || length > rest.Length)
                break;
            if (marker == 0xE1 && rest[4..length].StartsWith("Exif\0\0"u8))
                return Orientation(rest[10..length]);
            rest = rest[length..];
        }
        return Upright;
    }

    /// <summary>Orientation in a TIFF header with its directory; 1 where there is none, or none of 1 to 8.</summary>
    /// <exception cref="BrokenImageException">Not even the header is whole: the file was cut, here if not elsewhere.</exception>
    internal static int Orientation(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8)
            throw new BrokenImageException("its EXIF data are cut off");
        var little = tiff[0] == (byte)'I';
        var start = U32(tiff[4..], little);
        if (start + 2 > tiff.Length)
            return Upright;
        var entries = tiff[((int)start + 2)..];
        var count = Math.Min(U16(tiff[(int)start..], little), entries.Length / EntryLength);
        for (var i = 0; i < count; i++)
        {
            var entry = entries.Slice(i * EntryLength, EntryLength);
            if (U16(entry, little) == OrientationTag)
                return U16(entry[8..], little) is >= 1 and <= 8 and var found ? found : Upright;
        }
        return Upright;
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, bool little) =>
        little
            ? BinaryPrimitives.ReadUInt16LittleEndian(bytes)
            : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static long U32(ReadOnlySpan<byte> bytes, bool little) =>
        little
            ? BinaryPrimitives.ReadUInt32LittleEndian(bytes)
            : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}

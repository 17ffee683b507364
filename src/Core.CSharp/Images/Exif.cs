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

    /// <summary>
    /// Orientation in a TIFF header with its directory; 1 where there is none, or none of 1 to 8. Data that are empty or too
    /// short say nothing: the image beside them may be sound, and where it is not its own decoder tells.
    /// </summary>
    internal static int Orientation(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8)
            return Upright;
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

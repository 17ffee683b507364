namespace LongTail.Core.Images;

/// <summary>Formats of image files, told apart by their first bytes, whatever a file is called.</summary>
public sealed record ImageFormat(string Name, bool Decoded)
{
    public static readonly ImageFormat Jpeg = new("JPEG", true);
    public static readonly ImageFormat Png = new("PNG", true);
    public static readonly ImageFormat WebP = new("WebP", true);
    public static readonly ImageFormat Bmp = new("BMP", true);
    public static readonly ImageFormat Gif = new("GIF", true);
    private static readonly ImageFormat Tiff = new("TIFF", false);
    private static readonly ImageFormat Heif = new("HEIF or AVIF", false);
    private static readonly ImageFormat Jpeg2000 = new("JPEG 2000", false);
    private static readonly ImageFormat JpegXl = new("JPEG XL", false);

    /// <summary>Those that are decoded, as a person lists them.</summary>
    public const string Names = "JPEG, PNG, WebP, BMP or GIF";

    /// <summary>Bytes from a file's start that are enough to know it.</summary>
    public const int Head = 16;

    /// <summary>How names of files that are decoded end, in lower case.</summary>
    public static IReadOnlySet<string> Endings { get; } =
        new HashSet<string> { ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".gif" };

    /// <summary>Null where it is none of these.</summary>
    public static ImageFormat? Of(ReadOnlySpan<byte> start) =>
        start switch
        {
            [0xFF, 0xD8, ..] => Jpeg,
            [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => Png,
            [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => Gif,
            // Behind the length stand four bytes that are zero.
            [(byte)'B', (byte)'M', _, _, _, _, 0, 0, 0, 0, ..] => Bmp,
            [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] =>
                Tiff,
            [0xFF, 0x0A, ..] => JpegXl,
            [0xFF, 0x4F, 0xFF, 0x51, ..] => Jpeg2000,
            _ when start.StartsWith("RIFF"u8)
                    && start.Length >= 12
                    && start[8..12].SequenceEqual("WEBP"u8) => WebP,
            _ when start.Length >= 12
                    && start[4..8].SequenceEqual("ftyp"u8)
                    && Picture(start[8..12]) => Heif,
            _ when start.StartsWith("\0\0\0\fjP  "u8) => Jpeg2000,
            _ when start.StartsWith("\0\0\0\fJXL "u8) => JpegXl,
            _ => null,
        };

    /// <summary>The file's, null where it is none of these, or empty, or cannot be read.</summary>
    internal static ImageFormat? OfFile(string path)
    {
        try
        {
            // A pipe has no length either, and to open one waits for ever.
            if (new FileInfo(path).Length == 0)
                return null;
            using var handle = File.OpenHandle(path);
            Span<byte> start = stackalloc byte[Head];
            return Of(start[..RandomAccess.Read(handle, start, 0)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Films begin so too.
    private static bool Picture(ReadOnlySpan<byte> brand) =>
        brand.StartsWith("hei"u8)
        || brand.StartsWith("hev"u8)
        || brand.StartsWith("mif1"u8)
        || brand.StartsWith("msf1"u8)
        || brand.StartsWith("avi"u8);
}

namespace LongTail.Core.Images;

/// <summary>
/// Decodes image files into memory that it keeps for the next one; each thread has its own. Formats are told apart by
/// their first bytes, whatever the file is called (<see cref="ImageFormat"/>).
/// </summary>
public sealed unsafe class ImageDecoder : IDisposable
{
    // As Pillow's: a few kilobytes may claim a size that fills all memory.
    private const long MostPixels = 178_956_970;

    private readonly JpegCodec jpeg = new();
    private readonly PngCodec png = new();
    private readonly SkiaCodec skia = new();
    private readonly string remedy;

    // Pinned, as a codec holds on to the data of a file from its head to its pixels.
    private byte[] data = [];
    private byte[] pixels = [];
    private byte[] upright = [];
    private string file = "";
    private Codec? codec;
    private (int Width, int Height, int Orientation) stored;

    /// <param name="removal">What to do about a broken image that cannot be replaced; null where it is of no set.</param>
    public ImageDecoder(string? removal = null) =>
        remedy = $"replace the file{(removal is null ? "" : $", or {removal}")}";

    /// <summary>Reads a file and its image's size.</summary>
    /// <returns>Width and height, upright.</returns>
    /// <exception cref="InputException">One line with the file's name: it cannot be read, or is of no format that is decoded.</exception>
    public (int Width, int Height) Open(string file)
    {
        this.file = file;
        codec = null;
        var length = Read();
        var format = ImageFormat.Of(data.AsSpan(0, length));
        Codec found =
            format == ImageFormat.Jpeg ? jpeg
            : format == ImageFormat.Png ? png
            : format is { Decoded: true } ? skia
            : throw Broken(
                length == 0 ? "is empty"
                : format is null ? $"is no image ({ImageFormat.Names})"
                : $"is a {format.Name} file, which is not decoded"
            );
        fixed (byte* first = data)
            try
            {
                stored = found.Open(first, length);
            }
            catch (BrokenImageException e)
            {
                throw Broken($"cannot be decoded ({e.Message})");
            }
        if ((long)stored.Width * stored.Height > MostPixels)
            throw Broken(
                $"claims to be {stored.Width} x {stored.Height}, more than {MostPixels:N0} pixels"
            );
        codec = found;
        return Orientation.Transposes(stored.Orientation)
            ? (stored.Height, stored.Width)
            : (stored.Width, stored.Height);
    }

    /// <summary>The opened file's image, upright and in colour.</summary>
    /// <param name="shrink">
    /// 1, 2, 4 or 8: it may come that many times smaller, where the format decodes so at less cost (JPEG does).
    /// </param>
    /// <param name="rows">From the top, upright: those below need not be right, as where only a part is looked at.</param>
    /// <exception cref="InputException">One line with the file's name: its data are damaged or cut off.</exception>
    public Pixels Decode(int shrink = 1, int rows = int.MaxValue)
    {
        var codec = this.codec ?? throw new InvalidOperationException("Open a file first.");
        shrink = codec.Shrink(shrink);
        var (width, height) = (
            (stored.Width + shrink - 1) / shrink,
            (stored.Height + shrink - 1) / shrink
        );
        var size = 3 * width * height;
        Grow(ref pixels, size);
        fixed (byte* rgb = pixels)
            try
            {
                var top = stored.Orientation == 1 ? Math.Min(rows, stored.Height) : stored.Height;
                codec.Decode(rgb, shrink, top);
            }
            catch (BrokenImageException e)
            {
                throw Broken($"cannot be decoded ({e.Message})");
            }
        if (stored.Orientation == 1)
            return new(pixels.AsSpan(0, size), width, height, shrink);
        Grow(ref upright, size);
        fixed (byte* source = pixels)
        fixed (byte* target = upright)
            Orientation.Apply(stored.Orientation, source, width, height, target);
        return Orientation.Transposes(stored.Orientation)
            ? new(upright.AsSpan(0, size), height, width, shrink)
            : new(upright.AsSpan(0, size), width, height, shrink);
    }

    /// <summary>What the decoder found odd in the image that it decoded last, as damage in its middle; null where nothing.</summary>
    public string? Warning => codec?.Warning;

    public void Dispose()
    {
        jpeg.Dispose();
        png.Dispose();
        skia.Dispose();
    }

    private int Read()
    {
        try
        {
            // A pipe has no length either, and to open one waits for ever.
            if (new FileInfo(file) is { Exists: true, Length: 0 })
                return 0;
            using var handle = File.OpenHandle(file);
            var length = RandomAccess.GetLength(handle);
            if (length > Array.MaxLength)
                throw Broken("has more than 2 GB");
            Grow(ref data, (int)length);
            var read = 0;
            while (
                read < length
                && RandomAccess.Read(handle, data.AsSpan(read, (int)length - read), read)
                    is > 0
                        and var more
            )
                read += more;
            return read;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file} cannot be read: {e.Message}");
        }
    }

    // A quarter more than asked, so that a set's sizes are soon known.
    private static void Grow(ref byte[] buffer, int size)
    {
        if (buffer.Length < size)
            buffer = GC.AllocateUninitializedArray<byte>(
                (int)Math.Min(size + size / 4L, Array.MaxLength),
                pinned: true
            );
    }

    private InputException Broken(string fault) => new($"{file} {fault}: {remedy}");
}

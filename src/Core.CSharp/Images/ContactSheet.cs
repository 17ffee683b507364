using LongTail.Core.Data;

namespace LongTail.Core.Images;

/// <summary>A picture of a few images of a few classes: a row a class, with a bar in its group's colour before it.</summary>
public sealed class ContactSheet(int rows)
{
    /// <summary>Images of a row.</summary>
    public const int Columns = 8;

    private const int Side = 96;
    private const int Gap = 4;
    private const int Bar = 12;
    private const byte Paper = 255;

    private static readonly CentreFraming Centre = new(Side, Side);

    private readonly byte[] pixels = Blank(rows);
    private readonly Resampler resampler = new();

    private static int Width => Gap + Bar + Columns * (Side + Gap) + Gap;

    /// <summary>A row's bar.</summary>
    public void Mark(int row, (byte Red, byte Green, byte Blue) colour)
    {
        for (var y = 0; y < Side; y++)
        for (var x = 0; x < Bar; x++)
        {
            var at = 3 * ((Top(row) + y) * Width + Gap + x);
            (pixels[at], pixels[at + 1], pixels[at + 2]) = colour;
        }
    }

    /// <summary>Puts the middle square of an image into its place.</summary>
    public void Put(int row, int column, Pixels image)
    {
        var frame = Centre.Of(image.Width, image.Height, 0);
        var tile = new byte[3 * Side * Side];
        resampler.ToPixels(image, frame, Side, Side, tile);
        for (var y = 0; y < Side; y++)
            tile.AsSpan(3 * y * Side, 3 * Side)
                .CopyTo(
                    pixels.AsSpan(
                        3 * ((Top(row) + y) * Width + Gap + Bar + Gap + column * (Side + Gap))
                    )
                );
    }

    /// <summary>As the other, of a data set whose images lie in memory.</summary>
    public void Put(int row, int column, ImageData data, int index)
    {
        var plane = data.Height * data.Width;
        var image = data.Pixels.AsSpan(index * data.Stride, data.Stride);
        var rgb = new byte[3 * plane];
        for (var i = 0; i < rgb.Length; i++)
            rgb[i] = image[i % 3 % data.Channels * plane + i / 3];
        Put(row, column, new Pixels(rgb, data.Width, data.Height));
    }

    /// <exception cref="InputException">The place cannot be written.</exception>
    public void Write(string file) => PngFile.Write(file, pixels, Width, pixels.Length / 3 / Width);

    private static int Top(int row) => Gap + row * (Side + Gap);

    private static byte[] Blank(int rows)
    {
        var pixels = new byte[3 * Width * Top(rows)];
        Array.Fill(pixels, Paper);
        return pixels;
    }
}

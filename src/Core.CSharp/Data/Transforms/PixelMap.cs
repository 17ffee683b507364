namespace LongTail.Core.Data.Transforms;

/// <summary>Which pixel each pixel comes from, in 65536ths of one: the first one's, and what each step right and down adds.</summary>
internal readonly record struct PixelMap(
    int Row,
    int RowRight,
    int RowDown,
    int Column,
    int ColumnRight,
    int ColumnDown
)
{
    internal const int Precision = 16;

    private const int One = 1 << Precision;

    /// <summary>The one so many pixels down and right of it.</summary>
    internal static PixelMap Shift(int down, int right) =>
        new(down << Precision, 0, One, right << Precision, One, 0);

    /// <summary>Left to right.</summary>
    internal static PixelMap Mirror(int width) => new(0, 0, One, (width - 1) << Precision, -One, 0);

    /// <summary>Counter-clockwise around the centre, to the nearest pixel.</summary>
    internal static PixelMap Rotation(int height, int width, double degrees)
    {
        var angle = -degrees * Math.PI / 180.0;
        var (cos, sin) = (Math.Round(Math.Cos(angle), 15), Math.Round(Math.Sin(angle), 15));
        var (middleX, middleY) = (width / 2.0, height / 2.0);
        return new(
            // Of the centre of the first pixel.
            Fixed(middleY + sin * middleX - cos * middleY + 0.5 * (cos - sin)),
            -Fixed(sin),
            Fixed(cos),
            Fixed(middleX - cos * middleX - sin * middleY + 0.5 * (cos + sin)),
            Fixed(cos),
            Fixed(sin)
        );

        static int Fixed(double value) => (int)Math.Floor(value * One + 0.5);
    }
}

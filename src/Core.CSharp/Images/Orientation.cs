namespace LongTail.Core.Images;

/// <summary>Turns and mirrors an image as its EXIF orientation asks.</summary>
internal static unsafe class Orientation
{
    /// <summary>Whether rows become columns.</summary>
    internal static bool Transposes(int orientation) => orientation >= 5;

    /// <param name="source">Height x Width x 3 as stored.</param>
    /// <param name="target">As large; Width x Height x 3 where rows become columns.</param>
    internal static void Apply(int orientation, byte* source, int width, int height, byte* target)
    {
        // Where the upright image's first pixel lies, and how far apart its columns and its rows lie.
        var (right, down) = (3, 3 * width);
        var (lastRight, lastDown) = (3 * (width - 1), 3 * width * (height - 1));
        var (start, column, row) = orientation switch
        {
            2 => (lastRight, -right, down),
            3 => (lastRight + lastDown, -right, -down),
            4 => (lastDown, right, -down),
            5 => (0, down, right),
            6 => (lastDown, -down, right),
            7 => (lastRight + lastDown, -down, -right),
            8 => (lastRight, down, -right),
            _ => (0, right, down),
        };
        var (columns, rows) = Transposes(orientation) ? (height, width) : (width, height);
        for (var y = 0; y < rows; y++)
        {
            var pixel = source + start + (long)y * row;
            for (var x = 0; x < columns; x++, pixel += column, target += 3)
                (target[0], target[1], target[2]) = (pixel[0], pixel[1], pixel[2]);
        }
    }
}

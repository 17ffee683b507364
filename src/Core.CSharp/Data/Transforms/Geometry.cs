using System.Numerics;

namespace LongTail.Core.Data.Transforms;

/// <summary>Operations that move pixels. Where none comes from inside the image, it is gray.</summary>
internal static class Geometry
{
    internal const byte Fill = 128;

    /// <summary>To the nearest pixel.</summary>
    internal static int Nearest(double distance) => (int)Math.Floor(distance + 0.5);

    /// <summary>Each pixel is the one so far down and right of it.</summary>
    internal static void Translate(Canvas canvas, int top, int left)
    {
        var (height, width) = (canvas.Height, canvas.Width);
        var first = Math.Clamp(-left, 0, width);
        var end = Math.Clamp(width - left, first, width);
        var target = canvas.Spare(height, width);
        target.Fill(Fill);
        for (var c = 0; c < canvas.Channels; c++)
        for (var y = Math.Max(-top, 0); y < Math.Min(height - top, height); y++)
            canvas
                .Plane(c)
                .Slice((y + top) * width + left + first, end - first)
                .CopyTo(target.Slice((c * height + y) * width + first, end - first));
        canvas.Turn(height, width);
    }

    /// <summary>Counter-clockwise around the centre, to the nearest pixel, by steps of 65536ths of one.</summary>
    internal static void Rotate(Canvas canvas, double degrees)
    {
        if (degrees == 0)
            return;
        var (height, width, area) = (canvas.Height, canvas.Width, canvas.Height * canvas.Width);
        var (startY, rowRight, rowDown, startX, columnRight, columnDown) = PixelMap.Rotation(
            height,
            width,
            degrees
        );
        var target = canvas.Spare(height, width);
        var source = canvas.Pixels;
        target.Fill(Fill);
        for (var y = 0; y < height; y++)
        {
            var (fromX, fromY) = (startX, startY);
            for (var x = 0; x < width; x++)
            {
                var (column, row) = (fromX >> PixelMap.Precision, fromY >> PixelMap.Precision);
                if ((uint)column < (uint)width && (uint)row < (uint)height)
                    for (
                        int from = row * width + column, to = y * width + x;
                        from < source.Length;
                        from += area, to += area
                    )
                        target[to] = source[from];
                fromX += columnRight;
                fromY += rowRight;
            }
            startX += columnDown;
            startY += rowDown;
        }
        canvas.Turn(height, width);
    }

    /// <summary>
    /// Moves each row left by the factor times its distance from the top, along cubics (a = -1) through four pixels. A row's
    /// pixels all lie alike between theirs, so a row is one filter.
    /// </summary>
    internal static void Shear(Canvas canvas, double factor)
    {
        var (height, width) = (canvas.Height, canvas.Width);
        var target = canvas.Spare(height, width);
        // The row with its ends repeated: a cubic reaches two pixels beyond.
        var row = canvas.Floats(width + 4 + Vector<float>.Count);
        for (var start = 0; start < target.Length; start += width)
        {
            var (whole, part, first, end) = ShearedRow.Of(factor, start / width % height, width);
            var source = canvas.Pixels.Slice(start, width);
            for (var x = 0; x < width; x++)
                row[x + 2] = source[x];
            row[..2].Fill(source[0]);
            row.Slice(width + 2, 2).Fill(source[^1]);
            var result = target.Slice(start, width);
            result.Fill(Fill);
            if (first < end)
                Filter(row[(first + whole + 1)..], result[first..end], part);
        }
        canvas.Turn(height, width);
    }

    /// <summary>Between the second and the third of each four pixels.</summary>
    private static void Filter(ReadOnlySpan<float> row, Span<byte> result, float at)
    {
        Span<float> values = stackalloc float[Vector<float>.Count];
        for (var x = 0; x < result.Length; x += values.Length)
        {
            var a = new Vector<float>(row[x..]);
            var b = new Vector<float>(row[(x + 1)..]);
            var c = new Vector<float>(row[(x + 2)..]);
            var d = new Vector<float>(row[(x + 3)..]);
            var cubic = b - a + (d - c);
            var square = 2f * (a - b) + (c - d);
            (b + at * (c - a + at * (square + at * cubic))).CopyTo(values);
            for (var i = 0; i < Math.Min(values.Length, result.Length - x); i++)
                result[x + i] = (byte)Math.Clamp(values[i], 0f, 255f);
        }
    }
}

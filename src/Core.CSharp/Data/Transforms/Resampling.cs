using System.Numerics;

namespace LongTail.Core.Data.Transforms;

/// <summary>
/// Resizing to bytes as Pillow does it: along the rows first and rounded to bytes between the two directions.
/// </summary>
internal static class Resampling
{
    /// <param name="rows">From the image's height to the new one.</param>
    /// <param name="columns">From the image's width to the new one.</param>
    internal static void Resize(Canvas canvas, in Taps rows, in Taps columns)
    {
        var (height, width) = (canvas.Height, canvas.Width);
        var (newHeight, newWidth) = (rows.First.Length, columns.First.Length);
        var across = canvas.Spare(height, newWidth);
        for (var line = 0; line < across.Length / newWidth; line++)
            Across(
                canvas.Pixels.Slice(line * width, width),
                across.Slice(line * newWidth, newWidth),
                columns
            );
        canvas.Turn(height, newWidth);
        var down = canvas.Spare(newHeight, newWidth);
        for (var c = 0; c < canvas.Channels; c++)
        for (var y = 0; y < newHeight; y++)
            Down(
                canvas.Plane(c)[(rows.First[y] * newWidth)..],
                down.Slice((c * newHeight + y) * newWidth, newWidth),
                rows.WeightsOf(y)
            );
        canvas.Turn(newHeight, newWidth);
    }

    private static void Across(ReadOnlySpan<byte> line, Span<byte> target, in Taps taps)
    {
        for (var x = 0; x < target.Length; x++)
        {
            var sum = 1 << (Taps.Precision - 1);
            var first = taps.First[x];
            var weights = taps.WeightsOf(x);
            for (var k = 0; k < weights.Length; k++)
                sum += weights[k] * line[first + k];
            target[x] = (byte)(sum >> Taps.Precision);
        }
    }

    private static void Down(ReadOnlySpan<byte> lines, Span<byte> target, ReadOnlySpan<int> weights)
    {
        var width = target.Length;
        var x = 0;
        for (; x <= width - Vector<byte>.Count; x += Vector<byte>.Count)
        {
            var (a, b, c, d) = (Half, Half, Half, Half);
            for (var k = 0; k < weights.Length; k++)
            {
                Vector.Widen(new Vector<byte>(lines[(k * width + x)..]), out var low, out var high);
                Vector.Widen(low, out var a0, out var b0);
                Vector.Widen(high, out var c0, out var d0);
                var weight = (uint)weights[k];
                (a, b) = (a + a0 * weight, b + b0 * weight);
                (c, d) = (c + c0 * weight, d + d0 * weight);
            }
            Vector
                .Narrow(
                    Vector.Narrow(a >> Taps.Precision, b >> Taps.Precision),
                    Vector.Narrow(c >> Taps.Precision, d >> Taps.Precision)
                )
                .CopyTo(target[x..]);
        }
        for (; x < width; x++)
        {
            var sum = 1 << (Taps.Precision - 1);
            for (var k = 0; k < weights.Length; k++)
                sum += weights[k] * lines[k * width + x];
            target[x] = (byte)(sum >> Taps.Precision);
        }
    }

    private static Vector<uint> Half => new(1u << (Taps.Precision - 1));
}

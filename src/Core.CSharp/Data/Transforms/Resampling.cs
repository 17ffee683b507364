using System.Numerics;

namespace LongTail.Core.Data.Transforms;

/// <summary>
/// Resizing to bytes as Pillow does it: a triangle as wide as the pixels that become one, in whole numbers of 2^-22, along
/// the rows first and rounded to bytes between the two directions.
/// </summary>
internal static class Resampling
{
    private const int Precision = 22;

    /// <summary>Which pixels make one of a line, and their weights.</summary>
    private readonly record struct Taps(int[] First, int[] Count, int[] Weights, int Most)
    {
        internal static Taps Of(int from, int to)
        {
            var scale = (double)from / to;
            var reach = Math.Max(scale, 1.0);
            var most = 2 * (int)Math.Ceiling(reach) + 1;
            var taps = new Taps(new int[to], new int[to], new int[to * most], most);
            Span<double> weights = new double[most];
            for (var i = 0; i < to; i++)
            {
                var centre = (i + 0.5) * scale;
                var first = Math.Max((int)(centre - reach + 0.5), 0);
                var count = Math.Min((int)(centre + reach + 0.5), from) - first;
                var sum = 0.0;
                for (var k = 0; k < count; k++)
                {
                    weights[k] = Math.Max(
                        1.0 - Math.Abs((k + first - centre + 0.5) * (1.0 / reach)),
                        0.0
                    );
                    sum += weights[k];
                }
                (taps.First[i], taps.Count[i]) = (first, count);
                for (var k = 0; k < count; k++)
                    taps.Weights[i * most + k] = (int)(weights[k] / sum * (1 << Precision) + 0.5);
            }
            return taps;
        }

        internal ReadOnlySpan<int> WeightsOf(int i) => Weights.AsSpan(i * Most, Count[i]);
    }

    /// <summary>A step that resizes images of one size.</summary>
    internal static Step Resize(int height, int width, int newHeight, int newWidth)
    {
        var (rows, columns) = (Taps.Of(height, newHeight), Taps.Of(width, newWidth));
        return (canvas, _) => Resize(canvas, rows, columns, newHeight, newWidth);
    }

    /// <summary>Resizes one image, whose size no other need have.</summary>
    internal static void Resize(Canvas canvas, int newHeight, int newWidth) =>
        Resize(
            canvas,
            Taps.Of(canvas.Height, newHeight),
            Taps.Of(canvas.Width, newWidth),
            newHeight,
            newWidth
        );

    private static void Resize(
        Canvas canvas,
        in Taps rows,
        in Taps columns,
        int newHeight,
        int newWidth
    )
    {
        var (height, width) = (canvas.Height, canvas.Width);
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
            var sum = 1 << (Precision - 1);
            var first = taps.First[x];
            var weights = taps.WeightsOf(x);
            for (var k = 0; k < weights.Length; k++)
                sum += weights[k] * line[first + k];
            target[x] = (byte)(sum >> Precision);
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
                    Vector.Narrow(a >> Precision, b >> Precision),
                    Vector.Narrow(c >> Precision, d >> Precision)
                )
                .CopyTo(target[x..]);
        }
        for (; x < width; x++)
        {
            var sum = 1 << (Precision - 1);
            for (var k = 0; k < weights.Length; k++)
                sum += weights[k] * lines[k * width + x];
            target[x] = (byte)(sum >> Precision);
        }
    }

    private static Vector<uint> Half => new(1u << (Precision - 1));
}

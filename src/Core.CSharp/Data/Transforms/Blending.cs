using System.Numerics;

namespace LongTail.Core.Data.Transforms;

/// <summary>Operations that go from another version of the image towards it, or beyond: v + factor * (value - v).</summary>
internal static class Blending
{
    // ITU-R 601-2's weights of red, green and blue, in 65536ths.
    internal const uint Red = 19595;
    internal const uint Green = 38470;
    internal const uint Blue = 7471;

    /// <summary>From the gray image.</summary>
    internal static void Colour(Canvas canvas, float factor)
    {
        // A gray image is its own gray image.
        if (canvas.Channels == 1)
            return;
        var gray = Gray(canvas);
        for (var c = 0; c < canvas.Channels; c++)
            Blend(gray, canvas.Plane(c), factor);
    }

    /// <summary>From the image smoothed by (1 1 1; 1 5 1; 1 1 1) / 13, whose border is the image's own.</summary>
    internal static void Sharpness(Canvas canvas, float factor)
    {
        var (height, width) = (canvas.Height, canvas.Width);
        var smooth = canvas.Spare(height, width)[..(height * width)];
        for (var c = 0; c < canvas.Channels; c++)
        {
            Smooth(canvas.Plane(c), smooth, height, width);
            Blend(smooth, canvas.Plane(c), factor);
        }
    }

    /// <summary>The mean of the gray image, rounded.</summary>
    internal static byte MeanGray(Canvas canvas)
    {
        var gray = canvas.Channels == 1 ? canvas.Plane(0) : Gray(canvas);
        long sum = 0;
        foreach (var value in gray)
            sum += value;
        return (byte)((double)sum / gray.Length + 0.5);
    }

    private static Span<byte> Gray(Canvas canvas)
    {
        var r = canvas.Plane(0);
        var g = canvas.Plane(1);
        var b = canvas.Plane(2);
        var gray = canvas.Spare(canvas.Height, canvas.Width)[..r.Length];
        var i = 0;
        for (; i <= gray.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            var (r0, r1, r2, r3) = Widened(new Vector<byte>(r[i..]));
            var (g0, g1, g2, g3) = Widened(new Vector<byte>(g[i..]));
            var (b0, b1, b2, b3) = Widened(new Vector<byte>(b[i..]));
            Narrowed(Of(r0, g0, b0), Of(r1, g1, b1), Of(r2, g2, b2), Of(r3, g3, b3))
                .CopyTo(gray[i..]);
        }
        for (; i < gray.Length; i++)
            gray[i] = (byte)((r[i] * Red + g[i] * Green + b[i] * Blue + 0x8000) >> 16);
        return gray;

        static Vector<uint> Of(Vector<uint> r, Vector<uint> g, Vector<uint> b) =>
            (r * Red + g * Green + b * Blue + new Vector<uint>(0x8000)) >> 16;
    }

    // In whole numbers, which gives what Pillow's float32 gives: a 26th never comes near a half.
    private static void Smooth(ReadOnlySpan<byte> plane, Span<byte> smooth, int height, int width)
    {
        if (height < 3 || width < 3)
        {
            plane.CopyTo(smooth);
            return;
        }
        // The planes are taken as one line; what that makes of the columns at the border is put right below.
        var (i, end) = (width + 1, (height - 1) * width - 1);
        for (; i <= end - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(plane[i..]), out var low, out var high);
            (low, high) = (low * 4, high * 4);
            for (var row = i - width - 1; row <= i + width - 1; row += width)
            for (var at = row; at < row + 3; at++)
            {
                Vector.Widen(new Vector<byte>(plane[at..]), out var nextLow, out var nextHigh);
                (low, high) = (low + nextLow, high + nextHigh);
            }
            Vector.Widen(low, out var s0, out var s1);
            Vector.Widen(high, out var s2, out var s3);
            Narrowed(Thirteenth(s0), Thirteenth(s1), Thirteenth(s2), Thirteenth(s3))
                .CopyTo(smooth[i..]);
        }
        for (; i < end; i++)
        {
            var sum = 4 * plane[i] + 6;
            for (var row = i - width - 1; row <= i + width - 1; row += width)
                sum += plane[row] + plane[row + 1] + plane[row + 2];
            smooth[i] = (byte)(sum / 13);
        }
        plane[..width].CopyTo(smooth);
        plane[^width..].CopyTo(smooth[^width..]);
        for (var row = width; row < plane.Length; row += width)
        {
            smooth[row] = plane[row];
            smooth[row - 1] = plane[row - 1];
        }

        // (s + 6) / 13 as a product: right for every s below 13 * 256.
        static Vector<uint> Thirteenth(Vector<uint> s) => ((s + new Vector<uint>(6)) * 5042) >> 16;
    }

    private static void Blend(ReadOnlySpan<byte> from, Span<byte> plane, float factor)
    {
        var i = 0;
        for (; i <= plane.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            var (v0, v1, v2, v3) = Widened(new Vector<byte>(from[i..]));
            var (x0, x1, x2, x3) = Widened(new Vector<byte>(plane[i..]));
            Narrowed(
                    Between(v0, x0, factor),
                    Between(v1, x1, factor),
                    Between(v2, x2, factor),
                    Between(v3, x3, factor)
                )
                .CopyTo(plane[i..]);
        }
        for (; i < plane.Length; i++)
            plane[i] = (byte)Math.Clamp(from[i] + factor * (plane[i] - from[i]), 0f, 255f);

        static Vector<uint> Between(Vector<uint> from, Vector<uint> to, float factor)
        {
            var v = Vector.ConvertToSingle(Vector.AsVectorInt32(from));
            var x = Vector.ConvertToSingle(Vector.AsVectorInt32(to));
            var blend = Vector.Max(v + factor * (x - v), Vector<float>.Zero);
            return Vector.AsVectorUInt32(
                Vector.ConvertToInt32Native(Vector.Min(blend, new Vector<float>(255f)))
            );
        }
    }

    private static (Vector<uint>, Vector<uint>, Vector<uint>, Vector<uint>) Widened(
        Vector<byte> bytes
    )
    {
        Vector.Widen(bytes, out var low, out var high);
        Vector.Widen(low, out var a, out var b);
        Vector.Widen(high, out var c, out var d);
        return (a, b, c, d);
    }

    private static Vector<byte> Narrowed(
        Vector<uint> a,
        Vector<uint> b,
        Vector<uint> c,
        Vector<uint> d
    ) => Vector.Narrow(Vector.Narrow(a, b), Vector.Narrow(c, d));
}

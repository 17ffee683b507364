using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LongTail.Core.Images;

/// <summary>
/// Resizes a rectangle of an image as Pillow's BILINEAR does, within 1: Pillow rounds between its two passes, this does
/// not. Products and sums are rounded one by one, so that every processor computes the same bytes. It keeps its memory for
/// the next image; each thread has its own.
/// </summary>
public sealed class Resampler
{
    private readonly FilterWeights across = new();
    private readonly FilterWeights down = new();
    private float[] row = [];

    /// <summary>Writes 3 x Height x Width bytes, a colour after the other.</summary>
    /// <param name="frame">In pixels of the whole image, however much <paramref name="source"/> is shrunk.</param>
    public void ToPlanes(Pixels source, in Frame frame, int width, int height, Span<byte> planes) =>
        Resize(source, frame, width, height, planes, pixel: 1, colour: width * height);

    /// <summary>Writes Height x Width x 3 bytes, as they are in <see cref="Pixels"/>.</summary>
    public void ToPixels(Pixels source, in Frame frame, int width, int height, Span<byte> pixels) =>
        Resize(source, frame, width, height, pixels, pixel: 3, colour: 1);

    private void Resize(
        Pixels source,
        in Frame frame,
        int width,
        int height,
        Span<byte> target,
        int pixel,
        int colour
    )
    {
        if (target.Length < 3 * width * height)
            throw new ArgumentException($"{width} x {height} x 3 bytes are needed", nameof(target));
        Fit(across, frame.Left, frame.Width, source.Width, width, source.Shrink, frame.Whole);
        Fit(down, frame.Top, frame.Height, source.Height, height, source.Shrink, frame.Whole);
        var left = across.First(0);
        var right = across.First(width - 1) + across.Of(width - 1).Length;
        var length = 3 * (right - left);
        // A pixel's three values are loaded as four, and weights of zero reach beyond the last.
        if (row.Length < length + 3 * across.Most + 1)
            row = new float[length + 3 * across.Most + 1];
        for (var y = 0; y < height; y++)
        {
            SumRows(source, down.First(y), down.Of(y), 3 * left, row.AsSpan(0, length));
            SumColumns(left, target[(y * width * pixel)..], width, pixel, colour);
        }
    }

    private static void Fit(
        FilterWeights weights,
        double start,
        double length,
        int source,
        int target,
        int shrink,
        bool whole
    )
    {
        var (low, high) = (start / shrink, (start + length) / shrink);
        weights.Fit(
            low,
            high - low,
            whole ? 0 : (int)low,
            whole ? source : Math.Min((int)Math.Ceiling(high), source),
            target
        );
    }

    // Down the columns: a row of the target's height, still as wide as the source's part.
    private static void SumRows(
        Pixels source,
        int first,
        ReadOnlySpan<float> weights,
        int offset,
        Span<float> sums
    )
    {
        var stride = 3 * source.Width;
        ref var from = ref MemoryMarshal.GetReference(source.Rgb[(first * stride + offset)..]);
        ref var to = ref MemoryMarshal.GetReference(sums);
        var lanes = Vector128<byte>.Count;
        var start = 0;
        while (start < sums.Length)
        {
            if (sums.Length < lanes)
            {
                sums[start] = 0;
                for (var t = 0; t < weights.Length; t++)
                    sums[start] += weights[t] * Unsafe.Add(ref from, t * stride + start);
                start++;
                continue;
            }
            // The last step overlaps the one before it.
            var at = Math.Min(start, sums.Length - lanes);
            var (low, high) = (Vector256<float>.Zero, Vector256<float>.Zero);
            for (var t = 0; t < weights.Length; t++)
            {
                var bytes = Vector128.LoadUnsafe(ref from, (nuint)(t * stride + at));
                var words = Vector256.WidenLower(bytes.ToVector256Unsafe()).AsInt16();
                var weight = Vector256.Create(weights[t]);
                low += Vector256.ConvertToSingle(Vector256.WidenLower(words)) * weight;
                high += Vector256.ConvertToSingle(Vector256.WidenUpper(words)) * weight;
            }
            low.StoreUnsafe(ref to, (nuint)at);
            high.StoreUnsafe(ref to, (nuint)(at + lanes / 2));
            start = at + lanes;
        }
    }

    // Along the row: a pixel's three values at once. Targets are within their spans, which Resize saw to.
    private void SumColumns(int left, Span<byte> target, int width, int pixel, int colour)
    {
        ref var from = ref MemoryMarshal.GetArrayDataReference(row);
        ref var to = ref MemoryMarshal.GetReference(target);
        var most = across.Most;
        for (var x = 0; x < width; x++)
        {
            ref var weights = ref across.Padded(x);
            ref var first = ref Unsafe.Add(ref from, 3 * (across.First(x) - left));
            var sum = Vector128.Create(0.5f);
            for (var t = 0; t < most; t++)
                sum += Vector128.LoadUnsafe(ref first, (nuint)(3 * t)) * Unsafe.Add(ref weights, t);
            var values = Vector128.ConvertToInt32Native(sum).AsByte();
            to = values[0];
            Unsafe.Add(ref to, colour) = values[4];
            Unsafe.Add(ref to, 2 * colour) = values[8];
            to = ref Unsafe.Add(ref to, pixel);
        }
    }
}

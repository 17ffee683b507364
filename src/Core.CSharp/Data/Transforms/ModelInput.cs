using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using LongTail.Core.Settings;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace LongTail.Core.Data.Transforms;

/// <summary>
/// From bytes to the model's input, to [0, 1], normalised and resized, in one pass that writes each number once. The numbers
/// are those of libtorch's operators, but for float32's rounding.
/// </summary>
public sealed class ModelInput
{
    private const int Channels = 3;
    private const int Values = 256;

    private readonly Bilinear rows;
    private readonly Bilinear columns;
    private readonly int height;
    private readonly int width;
    private readonly float[] normalised = new float[Channels * Values];

    internal ModelInput(Pipeline pipeline, InputSettings input)
    {
        rows = new Bilinear(pipeline.Height, pipeline.FinalHeight);
        columns = new Bilinear(pipeline.Width, pipeline.FinalWidth);
        (height, width) = (pipeline.FinalHeight, pipeline.FinalWidth);
        var (means, deviations) = (Three(input.Mean), Three(input.Deviation));
        for (var c = 0; c < Channels; c++)
        for (var value = 0; value < Values; value++)
            normalised[c * Values + value] = (value / 255f - means[c]) / deviations[c];
    }

    /// <summary>The model's input of images after the passes, float32 (B, 3, Height, Width) in the caller's scope.</summary>
    /// <param name="images">uint8, B x C x H x W on the CPU; one channel becomes three.</param>
    internal unsafe Tensor Of(Tensor images, IReadOnlyList<Pass> passes)
    {
        var result = empty([images.shape[0], Channels, height, width], ScalarType.Float32);
        fixed (byte* start = result.bytes)
        {
            var target = (nint)start;
            var size = (long)Channels * height * width;
            PixelBatch.Each(
                images,
                passes,
                (canvas, i) => Write(canvas, (float*)target + i * size)
            );
        }
        return result;
    }

    /// <summary>The same by libtorch's operators, on the images' device.</summary>
    public static Tensor ByOperators(Tensor images, InputSettings input, int height, int width)
    {
        using var scope = NewDisposeScope();
        // Normalising is linear, as resizing is, so it may come first, where there are fewer pixels. Three means
        // against one channel broadcast a gray image to three.
        var mean = tensor(Three(input.Mean), device: images.device).view(1, Channels, 1, 1);
        var deviation = tensor(Three(input.Deviation), device: images.device)
            .view(1, Channels, 1, 1);
        var values = (images.to(ScalarType.Float32) / 255.0 - mean) / deviation;
        return F.interpolate(
                values,
                [height, width],
                mode: InterpolationMode.Bilinear,
                align_corners: false
            )
            .MoveToOuterDisposeScope();
    }

    private static float[] Three(Rgb values) =>
        [(float)values.Red, (float)values.Green, (float)values.Blue];

    private unsafe void Write(Canvas canvas, float* target)
    {
        var wide = canvas.Floats((canvas.Height + 1) * width + canvas.Width);
        for (var c = 0; c < Channels; c++)
        {
            var plane = canvas.Plane(canvas.Channels == 1 ? 0 : c);
            Widen(plane, normalised.AsSpan(c * Values, Values), wide, canvas.Width);
            fixed (float* lines = wide)
                for (var y = 0; y < height; y++, target += width)
                    Between(
                        lines + rows.First[y] * width,
                        lines + rows.Second[y] * width,
                        rows.FirstShare[y],
                        rows.SecondShare[y],
                        target,
                        width
                    );
        }
    }

    /// <summary>Normalises the lines of a plane and resizes them, each along itself.</summary>
    private void Widen(
        ReadOnlySpan<byte> plane,
        ReadOnlySpan<float> table,
        Span<float> wide,
        int from
    )
    {
        var line = wide[^from..];
        for (var y = 0; y < plane.Length / from; y++)
        {
            var bytes = plane.Slice(y * from, from);
            for (var x = 0; x < from; x++)
                line[x] = table[bytes[x]];
            var target = wide.Slice(y * width, width);
            for (var x = 0; x < width; x++)
                target[x] = MathF.FusedMultiplyAdd(
                    line[columns.First[x]],
                    columns.FirstShare[x],
                    line[columns.Second[x]] * columns.SecondShare[x]
                );
        }
    }

    /// <summary>A line between two. What is written is not read again here, so it goes past the caches where it can.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Between(
        float* first,
        float* second,
        float firstShare,
        float secondShare,
        float* target,
        int width
    )
    {
        var x = 0;
        var (one, other) = (Vector256.Create(firstShare), Vector256.Create(secondShare));
        var aligned = (nint)target % Vector256<byte>.Count == 0;
        for (; x <= width - Vector256<float>.Count; x += Vector256<float>.Count)
        {
            var between = Vector256.FusedMultiplyAdd(
                Vector256.Load(first + x),
                one,
                Vector256.Load(second + x) * other
            );
            if (aligned)
                between.StoreAlignedNonTemporal(target + x);
            else
                between.Store(target + x);
        }
        for (; x < width; x++)
            target[x] = MathF.FusedMultiplyAdd(first[x], firstShare, second[x] * secondShare);
    }
}

using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Data.Transforms.OnDevice;

/// <summary>
/// The weights of all pixels of a line in each pixel of its resized self, each image's own or one for all. Resizing
/// multiplies by them in float64: all sums are whole numbers that it holds exactly, in whatever order they are taken.
/// </summary>
internal sealed class Weights(int count, int to, int from)
{
    // Up to 2^22, so exact.
    private readonly float[] numbers = new float[count * to * from];

    /// <param name="first">Of the pixels that the taps are for.</param>
    internal void Set(int image, in Taps taps, int first)
    {
        for (var i = 0; i < to; i++)
        {
            var weights = taps.WeightsOf(i);
            var start = (image * to + i) * from + first + taps.First[i];
            for (var k = 0; k < weights.Length; k++)
                numbers[start + k] = weights[k];
        }
    }

    /// <summary>Along the rows first, rounded to bytes between the two directions.</summary>
    internal static Tensor Resize(Tensor images, Weights rows, Weights columns)
    {
        using var scope = NewDisposeScope();
        var across = columns.Along(images).transpose(2, 3);
        return rows.Along(across).transpose(2, 3).contiguous().MoveToOuterDisposeScope();
    }

    private Tensor Along(Tensor images)
    {
        var (channels, lines) = (images.shape[1], images.shape[2]);
        var matrices = tensor(numbers, [count, to, from], device: images.device)
            .to(ScalarType.Float64)
            .transpose(1, 2);
        var sums = images
            .to(ScalarType.Float64)
            .reshape(-1, channels * lines, from)
            .bmm(matrices.expand(images.shape[0], -1, -1));
        return ((sums + (1 << (Taps.Precision - 1))) * (1.0 / (1 << Taps.Precision)))
            .to(ScalarType.Byte)
            .view(-1, channels, lines, to);
    }
}

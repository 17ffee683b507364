using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Data.Transforms;

/// <summary>Takes the images of a batch through passes, each on its own, on as many cores as libtorch has of the calling thread.</summary>
internal static class PixelBatch
{
    /// <summary>The images after the passes, in the caller's scope; the passes keep their size.</summary>
    internal static Tensor Bytes(Tensor images, IReadOnlyList<Pass> passes) =>
        Bytes(images, passes, (int)images.shape[2], (int)images.shape[3]);

    /// <summary>The images after the passes, which give them this size, in the caller's scope.</summary>
    internal static unsafe Tensor Bytes(
        Tensor images,
        IReadOnlyList<Pass> passes,
        int height,
        int width
    )
    {
        var result = empty([images.shape[0], images.shape[1], height, width], ScalarType.Byte);
        fixed (byte* start = result.bytes)
        {
            var target = (nint)start;
            Each(
                images,
                passes,
                (canvas, i) =>
                {
                    var size = canvas.Pixels.Length;
                    canvas.Pixels.CopyTo(new Span<byte>((byte*)target + (long)i * size, size));
                }
            );
        }
        return result;
    }

    /// <summary>Hands each image, after the passes, to the last one.</summary>
    /// <param name="images">uint8, B x C x H x W on the CPU.</param>
    internal static unsafe void Each(Tensor images, IReadOnlyList<Pass> passes, Step last)
    {
        using var scope = NewDisposeScope();
        var laidOut = images.contiguous();
        var (channels, height, width) = (
            (int)images.shape[1],
            (int)images.shape[2],
            (int)images.shape[3]
        );
        var size = channels * height * width;
        fixed (byte* start = laidOut.bytes)
        {
            var source = (nint)start;
            Parallel.For(
                0,
                (int)images.shape[0],
                new ParallelOptions { MaxDegreeOfParallelism = get_num_threads() },
                i =>
                {
                    var canvas = Canvas.OfThisThread;
                    var image = new ReadOnlySpan<byte>((byte*)source + (long)i * size, size);
                    canvas.Load(image, channels, height, width);
                    foreach (var pass in passes)
                        pass.Apply(canvas, i);
                    last(canvas, i);
                }
            );
        }
    }
}

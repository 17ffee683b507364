using System.Runtime.ExceptionServices;
using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Images;

/// <summary>A batch that several threads fill, image by image, while its consumer waits or does something else.</summary>
internal sealed class ImageBatch : IDisposable
{
    private readonly ManualResetEventSlim done = new();
    private readonly Lock gate = new();
    private readonly Tensor images;
    private int left;
    private (int Index, ExceptionDispatchInfo Fault)? first;

    internal ImageBatch(BatchOrder order, int side)
    {
        Order = order;
        left = order.Positions.Count;
        // It outlives whatever scope its consumer is in.
        images = empty([left, 3, side, side], ScalarType.Byte).DetachFromDisposeScope();
        if (left == 0)
            done.Set();
    }

    internal BatchOrder Order { get; }

    /// <summary>Where an image's bytes belong.</summary>
    internal Span<byte> Planes(int index)
    {
        var bytes = images.bytes;
        var size = bytes.Length / Order.Positions.Count;
        return bytes.Slice(index * size, size);
    }

    /// <summary>Says that an image is there, or why not.</summary>
    internal void Finish(int index, Exception? fault)
    {
        if (fault is not null)
            lock (gate)
                // The same one whatever the order of the threads.
                if (first is null || index < first.Value.Index)
                    first = (index, ExceptionDispatchInfo.Capture(fault));
        if (Interlocked.Decrement(ref left) == 0)
            done.Set();
    }

    /// <summary>Waits until all images are there; the caller owns them then.</summary>
    internal Tensor Take(CancellationToken cancellation)
    {
        done.Wait(cancellation);
        first?.Fault.Throw();
        return images;
    }

    public void Dispose()
    {
        images.Dispose();
        done.Dispose();
    }
}

using System.Collections.Concurrent;
using LongTail.Core.Settings;
using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Images;

/// <summary>
/// Delivers batches in the order in which they were asked for, read by several threads ahead of their consumer. The bytes
/// do not depend on the number of threads; memory is that of <paramref name="ahead"/> batches and one image a thread.
/// </summary>
/// <param name="seed">Of the run.</param>
/// <param name="threads">That read and resize.</param>
/// <param name="ahead">Batches that may be under way or wait, at least 1.</param>
public sealed class Prefetcher(
    ImageSource source,
    Framing framing,
    long seed,
    BrokenImages broken,
    int threads,
    int ahead = 3
)
{
    private readonly ConcurrentDictionary<int, string> faults = new();

    /// <summary>Images that could not be decoded so far, with the reason, in the order of their positions.</summary>
    public IReadOnlyList<(int Position, string Reason)> Broken =>
        [.. faults.OrderBy(fault => fault.Key).Select(fault => (fault.Key, fault.Value))];

    /// <summary>uint8 batches (B, 3, Side, Side) on the CPU, which the caller disposes.</summary>
    /// <param name="orders">Asked for some batches before they are delivered; an endless one is welcome.</param>
    /// <exception cref="InputException">An image is broken, where that is not passed over; one line with the file's name.</exception>
    /// <exception cref="OperationCanceledException">No thread is at work any more.</exception>
    /// <remarks>Threads start with the first batch and end with the last, or when the enumeration is left.</remarks>
    public IEnumerable<Tensor> Deliver(
        IEnumerable<BatchOrder> orders,
        CancellationToken cancellation = default
    )
    {
        using var work = new BlockingCollection<(ImageBatch Batch, int Index)>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var waiting = new Queue<ImageBatch>();
        var readers = new Thread[threads];
        for (var i = 0; i < threads; i++)
        {
            readers[i] = new Thread(() => Work(work, stop.Token)) { IsBackground = true };
            readers[i].Start();
        }
        try
        {
            foreach (var order in orders)
            {
                var batch = new ImageBatch(order, framing.Side);
                waiting.Enqueue(batch);
                for (var i = 0; i < order.Positions.Count; i++)
                    work.Add((batch, i), stop.Token);
                if (waiting.Count >= ahead)
                    yield return Next();
            }
            while (waiting.Count > 0)
                yield return Next();
        }
        finally
        {
            stop.Cancel();
            foreach (var reader in readers)
                reader.Join();
            foreach (var batch in waiting)
                batch.Dispose();
        }

        Tensor Next()
        {
            var images = waiting.Peek().Take(stop.Token);
            waiting.Dequeue();
            return images;
        }
    }

    private void Work(
        BlockingCollection<(ImageBatch Batch, int Index)> work,
        CancellationToken stop
    )
    {
        ImageReader? reader = null;
        try
        {
            foreach (var (batch, index) in work.GetConsumingEnumerable(stop))
            {
                Exception? fault = null;
                try
                {
                    reader ??= source.Reader();
                    Read(reader, batch, index);
                }
                // Whatever it is, the consumer is told, and not a thread that nobody listens to.
                catch (Exception e)
                {
                    fault = e;
                }
                batch.Finish(index, fault);
            }
        }
        catch (OperationCanceledException) { }
        finally
        {
            reader?.Dispose();
        }
    }

    private void Read(ImageReader reader, ImageBatch batch, int index)
    {
        var key = Randomness.Key(seed, Purpose.Framing, batch.Order.Step, index);
        var wanted = batch.Order.Positions[index];
        for (var position = wanted; ; position = NextOfItsClass(position, wanted))
        {
            if (faults.ContainsKey(position))
                continue;
            try
            {
                reader.Read(position, framing, key, batch.Planes(index));
                return;
            }
            catch (InputException e) when (broken == BrokenImages.Skip)
            {
                faults[position] = e.Message;
            }
        }
    }

    private int NextOfItsClass(int position, int wanted)
    {
        var labels = source.Labels;
        do position = (position + 1) % source.Count;
        while (labels[position] != labels[wanted]);
        return position != wanted
            ? position
            : throw new InputException(
                $"no image of class {labels[wanted]} can be decoded; the first: {faults[wanted]}"
            );
    }
}

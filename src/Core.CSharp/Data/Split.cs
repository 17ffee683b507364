using LongTail.Core.Images;
using static TorchSharp.torch;

namespace LongTail.Core.Data;

/// <summary>A part of a data set: the classes of its images, and the images batch by batch.</summary>
/// <param name="labels">int64 (N), on the run's device; owned by the split.</param>
public abstract class Split(Tensor labels) : IDisposable
{
    /// <summary>int64 (N), on the run's device.</summary>
    public Tensor Labels => labels;

    public long Count => labels.shape[0];

    /// <summary>Why images could not be read so far, a line each; others of their classes stood in for them.</summary>
    public virtual IReadOnlyList<string> Broken => [];

    /// <summary>
    /// uint8 batches (B, C, H, W) to learn from, in the order in which they are asked for and some time after that, each
    /// the caller's to dispose.
    /// </summary>
    /// <exception cref="InputException">An image cannot be read.</exception>
    public abstract IEnumerable<Tensor> Learn(IEnumerable<BatchOrder> orders);

    /// <summary>As <see cref="Learn"/>, to judge by: nothing is random.</summary>
    public abstract IEnumerable<Tensor> Judge(IEnumerable<BatchOrder> orders);

    public virtual void Dispose()
    {
        labels.Dispose();
        GC.SuppressFinalize(this);
    }
}

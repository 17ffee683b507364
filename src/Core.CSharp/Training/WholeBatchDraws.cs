using static TorchSharp.torch;

namespace LongTail.Core.Training;

/// <summary>
/// Random numbers for the images of a step, drawn for the whole batch at once and handed out in parts: however the batch is
/// cut, an image gets the same ones.
/// </summary>
/// <param name="draw">Fresh numbers of the given shape at every call.</param>
internal sealed class WholeBatchDraws(long images, Func<long[], Tensor> draw) : IDisposable
{
    private Tensor? whole;

    /// <summary>The next part asked for is of numbers drawn anew.</summary>
    internal void Renew()
    {
        whole?.Dispose();
        whole = null;
    }

    /// <summary>(length, width): the numbers of the images from start on.</summary>
    internal Tensor Part(long start, long length, long width)
    {
        whole ??= draw([images, width]).DetachFromDisposeScope();
        return whole.narrow(0, start, length);
    }

    public void Dispose() => Renew();
}

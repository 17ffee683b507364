using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>
/// Consecutive stretches of a flat buffer, its parameters or their filters, with sums over each of them in a number of
/// vector operations that does not grow with theirs.
/// </summary>
internal sealed class Segments : IDisposable
{
    private readonly Tensor owner;
    private readonly long count;

    /// <param name="lengths">Of the stretches, in the buffer's order.</param>
    internal Segments(IReadOnlyList<long> lengths, Device device)
    {
        count = lengths.Count;
        var owners = new long[lengths.Sum()];
        var start = 0;
        for (var i = 0; i < lengths.Count; i++)
        {
            owners.AsSpan(start, (int)lengths[i]).Fill(i);
            start += (int)lengths[i];
        }
        owner = tensor(owners, ScalarType.Int64, device).DetachFromDisposeScope();
    }

    /// <summary>(Count) to one number a segment.</summary>
    internal Tensor Sum(Tensor values) =>
        zeros([count], values.dtype, values.device).scatter_add_(0, owner, values);

    /// <summary>One number a segment to (Count).</summary>
    internal Tensor Spread(Tensor ofSegments) => ofSegments.index_select(0, owner);

    public void Dispose() => owner.Dispose();
}

using LongTail.Core.Images;
using LongTail.Core.Settings;
using static TorchSharp.torch;

namespace LongTail.Core.Data;

/// <summary>Images that are read and made squares some batches before they are needed. Batches are on the CPU.</summary>
/// <param name="labels">Of the source's images, as a tensor on the run's device.</param>
/// <param name="learn">The frames of images to learn from.</param>
/// <param name="judge">The frames of images to judge by.</param>
/// <param name="seed">Of the run.</param>
/// <param name="owned">Disposed with the split; null where the source holds nothing.</param>
internal sealed class FiledSplit(
    ImageSource source,
    Tensor labels,
    Framing learn,
    Framing judge,
    long seed,
    BrokenImages broken,
    IDisposable? owned
) : Split(labels)
{
    private readonly Prefetcher learning = Prefetcher(source, learn, seed, broken);
    private readonly Prefetcher judging = Prefetcher(source, judge, seed, broken);

    public override IReadOnlyList<string> Broken =>
        [.. learning.Broken.Union(judging.Broken).Select(image => image.Reason)];

    public override IEnumerable<Tensor> Learn(IEnumerable<BatchOrder> orders) =>
        learning.Deliver(orders);

    public override IEnumerable<Tensor> Judge(IEnumerable<BatchOrder> orders) =>
        judging.Deliver(orders);

    public override void Dispose()
    {
        owned?.Dispose();
        base.Dispose();
    }

    private static Prefetcher Prefetcher(
        ImageSource source,
        Framing framing,
        long seed,
        BrokenImages broken
    ) => new(source, framing, seed, broken, get_num_threads());
}

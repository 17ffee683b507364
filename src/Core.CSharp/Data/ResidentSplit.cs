using LongTail.Core.Images;
using static TorchSharp.torch;

namespace LongTail.Core.Data;

/// <summary>Images of one size that lie on the run's device, all of them.</summary>
/// <param name="images">uint8 (N, C, H, W); owned by the split, as the labels (N).</param>
public sealed class ResidentSplit(Tensor images, Tensor labels) : Split(labels)
{
    /// <summary>uint8 (N, C, H, W).</summary>
    public Tensor Images => images;

    /// <param name="data">Is copied to the device.</param>
    internal static ResidentSplit Of(ImageData data, Device device) =>
        new(
            tensor(
                data.Pixels,
                [data.Count, data.Channels, data.Height, data.Width],
                device: device
            ),
            tensor(Array.ConvertAll(data.Labels, label => (long)label), device: device)
        );

    public override IEnumerable<Tensor> Learn(IEnumerable<BatchOrder> orders) => Judge(orders);

    public override IEnumerable<Tensor> Judge(IEnumerable<BatchOrder> orders)
    {
        foreach (var order in orders)
            yield return Chosen(order);
    }

    public override void Dispose()
    {
        images.Dispose();
        base.Dispose();
    }

    private Tensor Chosen(BatchOrder order)
    {
        using var scope = NewDisposeScope();
        long[] positions = [.. order.Positions];
        return images
            .index_select(0, tensor(positions, device: images.device))
            .DetachFromDisposeScope();
    }
}

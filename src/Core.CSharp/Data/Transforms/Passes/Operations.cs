using LongTail.Core.Data.Transforms.OnDevice;
using static TorchSharp.torch;

namespace LongTail.Core.Data.Transforms;

/// <summary>So many operations on each image, one after the other.</summary>
/// <param name="drawn">Each image's together.</param>
internal sealed class Operations(DrawnOperation[] drawn, int rounds) : Pass
{
    internal override void Apply(Canvas canvas, int position)
    {
        foreach (var (operation, amount) in drawn.AsSpan(position * rounds, rounds))
            PixelOperations.Apply(canvas, operation, amount);
    }

    internal override Tensor Apply(Tensor images)
    {
        var result = images.clone();
        for (var round = 0; round < rounds; round++)
        {
            var first = round;
            // By operation, whose images are then done together.
            var groups = Enumerable
                .Range(0, drawn.Length / rounds)
                .GroupBy(i => drawn[i * rounds + first].Operation)
                .Where(group => group.Key != PixelOperation.Identity);
            foreach (var group in groups)
                Apply(result, group.Key, [.. group], round);
        }
        return result;
    }

    private void Apply(Tensor images, PixelOperation operation, int[] positions, int round)
    {
        using var scope = NewDisposeScope();
        var chosen = tensor(Array.ConvertAll(positions, i => (long)i), device: images.device);
        var amounts = Array.ConvertAll(positions, i => drawn[i * rounds + round].Amount);
        images.index_copy_(
            0,
            chosen,
            TensorOperations.Of(images.index_select(0, chosen), operation, amounts)
        );
    }
}

using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Data.Transforms.OnDevice;

/// <summary>Operations that spread each plane's values by what they are, as <see cref="ValueTable"/> does it.</summary>
internal static class Spreads
{
    internal static Tensor AutoContrast(Tensor images)
    {
        using var scope = NewDisposeScope();
        var low = images.amin([2, 3], keepdim: true).to(ScalarType.Float64);
        var range = images.amax([2, 3], keepdim: true).to(ScalarType.Float64) - low;
        // Divided as tensors: by a number, a GPU would multiply by its inverse.
        var scale = full(range.shape, 255.0, ScalarType.Float64, images.device)
            .div(range.clamp_min(1));
        var stretched = (images.to(ScalarType.Float64) * scale - low * scale)
            .clamp(0, 255)
            .to(ScalarType.Byte);
        return stretched.where(range.gt(0), images).MoveToOuterDisposeScope();
    }

    internal static Tensor Equalize(Tensor images)
    {
        using var scope = NewDisposeScope();
        var values = images.flatten(2).to(ScalarType.Int64);
        var sizes = values.shape;
        var counts = zeros([sizes[0], sizes[1], 256], ScalarType.Int64, images.device)
            .scatter_add_(
                2,
                values,
                ones([1, 1, 1], ScalarType.Int64, images.device).expand(sizes)
            );
        var highest = counts.gather(2, values.amax([2], keepdim: true));
        var step = (-highest + sizes[2]).floor_divide(255);
        var table = (counts.cumsum(2) - counts + step.floor_divide(2))
            .floor_divide(step.clamp_min(1))
            .clamp(0, 255);
        return table
            .gather(2, values)
            .where(step.gt(0), values)
            .to(ScalarType.Byte)
            .view(images.shape)
            .MoveToOuterDisposeScope();
    }
}

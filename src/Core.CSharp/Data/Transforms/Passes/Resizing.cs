using LongTail.Core.Data.Transforms.OnDevice;
using static TorchSharp.torch;

namespace LongTail.Core.Data.Transforms;

/// <summary>All images to one size.</summary>
internal sealed class Resizing(int height, int width, int newHeight, int newWidth) : Pass
{
    private readonly Taps rows = Taps.Of(height, newHeight);
    private readonly Taps columns = Taps.Of(width, newWidth);

    internal override void Apply(Canvas canvas, int position) =>
        Resampling.Resize(canvas, rows, columns);

    internal override Tensor Apply(Tensor images)
    {
        var (down, across) = (new Weights(1, newHeight, height), new Weights(1, newWidth, width));
        down.Set(0, rows, first: 0);
        across.Set(0, columns, first: 0);
        return Weights.Resize(images, down, across);
    }
}

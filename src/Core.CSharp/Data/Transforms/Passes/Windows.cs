using LongTail.Core.Data.Transforms.OnDevice;
using static TorchSharp.torch;

namespace LongTail.Core.Data.Transforms;

/// <summary>A window of each image, of the image's own size, zeros where it leaves the image.</summary>
/// <param name="tops">Of the windows, as <paramref name="lefts"/>.</param>
internal sealed class Windows(int[] tops, int[] lefts) : Pass
{
    internal override void Apply(Canvas canvas, int position) =>
        canvas.Cut(tops[position], lefts[position], canvas.Height, canvas.Width);

    internal override Tensor Apply(Tensor images) =>
        Movement.Of(images, [.. tops.Zip(lefts, PixelMap.Shift)], outside: 0);
}

using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace LongTail.Core.Data.Transforms;

/// <summary>The same square window of all images, zeros where it leaves them.</summary>
internal sealed class CentreWindow(int top, int left, int side) : Pass
{
    internal override void Apply(Canvas canvas, int position) => canvas.Cut(top, left, side, side);

    internal override Tensor Apply(Tensor images) =>
        // What is less than nothing is taken away.
        F.pad(images, [-left, left + side - images.shape[3], -top, top + side - images.shape[2]]);
}

using LongTail.Core.Data.Transforms.OnDevice;
using LongTail.Core.Images;
using static TorchSharp.torch;

namespace LongTail.Core.Data.Transforms;

/// <summary>A rectangle of each image, resized to a square.</summary>
internal sealed class Frames(Frame[] frames, int side) : Pass
{
    internal override void Apply(Canvas canvas, int position)
    {
        var frame = frames[position];
        canvas.Cut((int)frame.Top, (int)frame.Left, (int)frame.Height, (int)frame.Width);
        Resampling.Resize(canvas, Taps.Of(canvas.Height, side), Taps.Of(canvas.Width, side));
    }

    internal override Tensor Apply(Tensor images)
    {
        var rows = new Weights(frames.Length, side, (int)images.shape[2]);
        var columns = new Weights(frames.Length, side, (int)images.shape[3]);
        for (var i = 0; i < frames.Length; i++)
        {
            rows.Set(i, Taps.Of((int)frames[i].Height, side), (int)frames[i].Top);
            columns.Set(i, Taps.Of((int)frames[i].Width, side), (int)frames[i].Left);
        }
        return Weights.Resize(images, rows, columns);
    }
}

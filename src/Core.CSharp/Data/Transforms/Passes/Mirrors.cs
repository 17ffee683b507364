using LongTail.Core.Data.Transforms.OnDevice;
using static TorchSharp.torch;

namespace LongTail.Core.Data.Transforms;

/// <summary>Left to right.</summary>
/// <param name="chosen">Which images.</param>
internal sealed class Mirrors(bool[] chosen) : Pass
{
    internal override void Apply(Canvas canvas, int position)
    {
        if (chosen[position])
            canvas.Mirror();
    }

    internal override Tensor Apply(Tensor images)
    {
        var (mirror, same) = (PixelMap.Mirror((int)images.shape[3]), PixelMap.Shift(0, 0));
        return Movement.Of(
            images,
            Array.ConvertAll(chosen, its => its ? mirror : same),
            outside: 0
        );
    }
}

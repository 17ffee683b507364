using static TorchSharp.torch;

namespace LongTail.Core.Data.Transforms;

/// <summary>One thing done to every image of a batch, with what was drawn for each: the same bytes whichever way it is done.</summary>
internal abstract class Pass
{
    /// <summary>On one image.</summary>
    /// <param name="position">Of the image in its batch.</param>
    internal abstract void Apply(Canvas canvas, int position);

    /// <summary>
    /// On all images where they lie, by tensor operations none of which the CPU waits for; the result is in the caller's
    /// scope.
    /// </summary>
    /// <param name="images">uint8, B x C x H x W; stay as they are.</param>
    internal abstract Tensor Apply(Tensor images);
}

using static TorchSharp.torch;

namespace LongTail.Core.Data.Transforms;

/// <summary>Zeros in a square of each image, as far as it lies in the image.</summary>
/// <param name="centres">Of the squares.</param>
internal sealed class Blanks((int Down, int Right)[] centres, int side) : Pass
{
    internal override void Apply(Canvas canvas, int position) =>
        canvas.Blank(centres[position].Down, centres[position].Right, side);

    internal override Tensor Apply(Tensor images)
    {
        using var scope = NewDisposeScope();
        var rows = Within(images, 2, Array.ConvertAll(centres, centre => centre.Down));
        var columns = Within(images, 3, Array.ConvertAll(centres, centre => centre.Right));
        return images
            .clone()
            .masked_fill_(rows.unsqueeze(2).logical_and(columns.unsqueeze(1)).unsqueeze(1), 0)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Which pixels of a line are the square's, B x line.</summary>
    private Tensor Within(Tensor images, int dimension, int[] middles)
    {
        var first = tensor(middles, device: images.device).unsqueeze(1) - side / 2L;
        var line = arange(images.shape[dimension], ScalarType.Int32, images.device).unsqueeze(0);
        return line.ge(first).logical_and(line.lt(first + (long)side));
    }
}

using LongTail.Core.Settings;

namespace LongTail.Core.Images;

/// <summary>How an image of any size becomes a square: the part of the pipeline that is done as it is decoded.</summary>
/// <param name="Side">Of the square, in pixels.</param>
public abstract record Framing(int Side)
{
    /// <summary>The rectangle of an image of this size.</summary>
    /// <param name="key">Of what is random.</param>
    public abstract Frame Of(int width, int height, ulong key);

    /// <summary>What the first of these transforms mean for an image of any size, and those that are left for the square.</summary>
    /// <exception cref="InputException">They do not begin by making a square.</exception>
    public static (Framing Framing, IReadOnlyList<TransformSettings> Left) Of(
        IReadOnlyList<TransformSettings> transforms
    ) =>
        transforms.ToArray() switch
        {
            [RandomResizedCrop crop, .. var left] => (RandomFraming.Of(crop), left),
            [ResizeShort resize, CentreCrop crop, .. var left] when crop.Side <= resize.Side => (
                new CentreFraming(crop.Side, resize.Side),
                left
            ),
            _ => throw new InputException(
                "images that are files have all sizes: begin with randomResizedCrop, or with resizeShort and a centreCrop no larger"
            ),
        };
}

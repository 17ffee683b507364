using LongTail.Core.Settings;

namespace LongTail.Core.Data.Transforms;

/// <summary>A part of an image, in pixels.</summary>
public readonly record struct Rectangle(int Top, int Left, int Height, int Width)
{
    /// <summary>
    /// The rectangle of <see cref="RandomResizedCrop"/>: ten tries of area and aspect, then the largest central one whose
    /// aspect is allowed.
    /// </summary>
    public static Rectangle Random(RandomResizedCrop crop, int height, int width, Draws draws)
    {
        var aspect = Math.Log(crop.LargestAspect);
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var area = draws.Between(crop.SmallestArea, 1.0) * height * width;
            var ratio = Math.Exp(draws.Between(-aspect, aspect));
            var wide = (int)Math.Round(Math.Sqrt(area * ratio));
            var high = (int)Math.Round(Math.Sqrt(area / ratio));
            if (wide > 0 && high > 0 && wide <= width && high <= height)
                return new Rectangle(
                    draws.Below(height - high + 1),
                    draws.Below(width - wide + 1),
                    high,
                    wide
                );
        }
        var (h, w) = (
            Math.Min(height, (int)Math.Round(width * crop.LargestAspect)),
            Math.Min(width, (int)Math.Round(height * crop.LargestAspect))
        );
        return new Rectangle((height - h) / 2, (width - w) / 2, h, w);
    }
}

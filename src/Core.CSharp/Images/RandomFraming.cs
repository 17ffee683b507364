using LongTail.Core.Settings;

namespace LongTail.Core.Images;

/// <summary>
/// torchvision's RandomResizedCrop: a rectangle of random area and shape anywhere in the image; where ten do not fit, the
/// largest of an allowed shape in the centre.
/// </summary>
/// <param name="SmallestArea">Of the rectangle, over the image's.</param>
/// <param name="LargestArea">As <paramref name="SmallestArea"/>.</param>
/// <param name="Narrowest">Width over height; drawn evenly in its logarithm.</param>
/// <param name="Widest">As <paramref name="Narrowest"/>.</param>
public sealed record RandomFraming(
    int Side,
    double SmallestArea = 0.08,
    double LargestArea = 1,
    double Narrowest = 3.0 / 4,
    double Widest = 4.0 / 3
) : Framing(Side)
{
    private const int Tries = 10;

    public static RandomFraming Of(RandomResizedCrop crop) =>
        new(crop.Side, crop.SmallestArea, 1, 1 / crop.LargestAspect, crop.LargestAspect);

    public override Frame Of(int width, int height, ulong key)
    {
        var draws = new KeyedDraws(key);
        for (var i = 0; i < Tries; i++)
        {
            var area = draws.Uniform(SmallestArea, LargestArea) * width * height;
            var shape = Math.Exp(draws.Uniform(Math.Log(Narrowest), Math.Log(Widest)));
            var (w, h) = (Round(Math.Sqrt(area * shape)), Round(Math.Sqrt(area / shape)));
            if (w > 0 && w <= width && h > 0 && h <= height)
            {
                var top = draws.Below(height - h + 1);
                return new(draws.Below(width - w + 1), top, w, h, Whole: false);
            }
        }
        var own = (double)width / height;
        var (across, down) =
            own < Narrowest ? (width, Round(width / Narrowest))
            : own > Widest ? (Round(height * Widest), height)
            : (width, height);
        return new((width - across) / 2, (height - down) / 2, across, down, Whole: false);
    }

    // As Python rounds: a half to the even number.
    private static int Round(double value) => (int)Math.Round(value);
}

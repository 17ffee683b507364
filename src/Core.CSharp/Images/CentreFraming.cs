namespace LongTail.Core.Images;

/// <summary>torchvision's Resize(Short), of the shorter side, then CentreCrop(Side), in one: nothing is resized that the crop drops.</summary>
/// <param name="Short">At least <paramref name="Side"/>.</param>
public sealed record CentreFraming(int Side, int Short) : Framing(Side)
{
    public override Frame Of(int width, int height, ulong key)
    {
        if (Short < Side)
            throw new InvalidOperationException($"A crop of {Side} from a side of {Short}.");
        var (across, down) =
            width <= height
                ? (Short, (int)((long)Short * height / width))
                : ((int)((long)Short * width / height), Short);
        var (columns, rows) = ((double)width / across, (double)height / down);
        return new(
            Math.Round((across - Side) / 2.0) * columns,
            Math.Round((down - Side) / 2.0) * rows,
            Side * columns,
            Side * rows,
            Whole: true
        );
    }
}

namespace LongTail.Core.Data.Transforms;

/// <summary>Which two pixels of a line make each pixel of a resized one, and their shares: half-pixel centres, no antialias.</summary>
internal sealed class Bilinear
{
    internal Bilinear(int from, int to)
    {
        (First, Second) = (new int[to], new int[to]);
        (FirstShare, SecondShare) = (new float[to], new float[to]);
        var scale = (double)((float)from / to);
        for (var i = 0; i < to; i++)
        {
            var at = Math.Max(scale * (i + 0.5) - 0.5, 0.0);
            First[i] = Math.Min((int)at, from - 1);
            Second[i] = Math.Min(First[i] + 1, from - 1);
            SecondShare[i] = (float)Math.Min(at - First[i], 1.0);
            FirstShare[i] = 1f - SecondShare[i];
        }
    }

    internal int[] First { get; }

    internal int[] Second { get; }

    internal float[] FirstShare { get; }

    internal float[] SecondShare { get; }
}

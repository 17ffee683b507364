namespace LongTail.Core.Data.Transforms;

/// <summary>Operations that give every byte of a plane a new value, whatever its neighbours are.</summary>
internal static class ValueTable
{
    private const int Values = 256;

    /// <summary>v + factor * (value - v) for every value, in float32, cut off to whole numbers from 0 to 255.</summary>
    internal static void Blend(Canvas canvas, byte v, float factor)
    {
        Span<byte> table = stackalloc byte[Values];
        for (var value = 0; value < Values; value++)
            table[value] = (byte)Math.Clamp(v + factor * (value - v), 0f, 255f);
        Look(canvas.Pixels, table);
    }

    /// <summary>Of so many leading bits.</summary>
    internal static byte Mask(int bits) => (byte)~((1 << (8 - bits)) - 1);

    /// <summary>Keeps so many leading bits.</summary>
    internal static void Posterize(Canvas canvas, int bits)
    {
        var mask = Mask(bits);
        foreach (ref var value in canvas.Pixels)
            value &= mask;
    }

    /// <summary>Inverts the values from the threshold on.</summary>
    internal static void Solarize(Canvas canvas, double threshold)
    {
        Span<byte> table = stackalloc byte[Values];
        for (var value = 0; value < Values; value++)
            table[value] = (byte)(value < threshold ? value : Values - 1 - value);
        Look(canvas.Pixels, table);
    }

    /// <summary>Stretches each plane's values to 0 to 255.</summary>
    internal static void AutoContrast(Canvas canvas)
    {
        Span<int> counts = stackalloc int[Values];
        Span<byte> table = stackalloc byte[Values];
        for (var c = 0; c < canvas.Channels; c++)
        {
            Count(canvas.Plane(c), counts);
            var low = counts.IndexOfAnyExcept(0);
            var high = counts.LastIndexOfAnyExcept(0);
            if (high <= low)
                continue;
            var scale = 255.0 / (high - low);
            var offset = -low * scale;
            for (var value = 0; value < Values; value++)
                table[value] = (byte)Math.Clamp((int)(value * scale + offset), 0, 255);
            Look(canvas.Plane(c), table);
        }
    }

    /// <summary>Spreads each plane's values so that every range of them has as many pixels as any other.</summary>
    internal static void Equalize(Canvas canvas)
    {
        Span<int> counts = stackalloc int[Values];
        Span<byte> table = stackalloc byte[Values];
        for (var c = 0; c < canvas.Channels; c++)
        {
            Count(canvas.Plane(c), counts);
            var pixels = canvas.Height * canvas.Width;
            var step = (pixels - counts[counts.LastIndexOfAnyExcept(0)]) / 255;
            if (step == 0)
                continue;
            var below = step / 2;
            for (var value = 0; value < Values; value++)
            {
                table[value] = (byte)Math.Min(below / step, 255);
                below += counts[value];
            }
            Look(canvas.Plane(c), table);
        }
    }

    private static void Count(ReadOnlySpan<byte> plane, Span<int> counts)
    {
        counts.Clear();
        foreach (var value in plane)
            counts[value]++;
    }

    private static void Look(Span<byte> values, ReadOnlySpan<byte> table)
    {
        foreach (ref var value in values)
            value = table[value];
    }
}

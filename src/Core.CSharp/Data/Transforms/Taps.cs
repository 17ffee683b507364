namespace LongTail.Core.Data.Transforms;

/// <summary>
/// Which pixels of a line make each one of its resized self, and their weights, as Pillow has them: a triangle as wide as
/// the pixels that become one, in whole numbers of 2^-22.
/// </summary>
internal readonly record struct Taps(int[] First, int[] Count, int[] Weights, int Most)
{
    internal const int Precision = 22;

    internal static Taps Of(int from, int to)
    {
        var scale = (double)from / to;
        var reach = Math.Max(scale, 1.0);
        var most = 2 * (int)Math.Ceiling(reach) + 1;
        var taps = new Taps(new int[to], new int[to], new int[to * most], most);
        Span<double> weights = new double[most];
        for (var i = 0; i < to; i++)
        {
            var centre = (i + 0.5) * scale;
            var first = Math.Max((int)(centre - reach + 0.5), 0);
            var count = Math.Min((int)(centre + reach + 0.5), from) - first;
            var sum = 0.0;
            for (var k = 0; k < count; k++)
            {
                weights[k] = Math.Max(
                    1.0 - Math.Abs((k + first - centre + 0.5) * (1.0 / reach)),
                    0.0
                );
                sum += weights[k];
            }
            (taps.First[i], taps.Count[i]) = (first, count);
            for (var k = 0; k < count; k++)
                taps.Weights[i * most + k] = (int)(weights[k] / sum * (1 << Precision) + 0.5);
        }
        return taps;
    }

    internal ReadOnlySpan<int> WeightsOf(int i) => Weights.AsSpan(i * Most, Count[i]);
}

namespace LongTail.Core.Images;

/// <summary>
/// Pillow's BILINEAR along one axis: a triangle as wide as two target pixels, at least two source pixels, so that a
/// smaller image averages over all that it leaves out.
/// </summary>
internal sealed class FilterWeights
{
    private int[] first = [];
    private int[] count = [];
    private float[] values = [];
    private int most;

    /// <summary>The source pixel that a target pixel's first weight is for.</summary>
    internal int First(int target) => first[target];

    internal ReadOnlySpan<float> Of(int target) => values.AsSpan(target * most, count[target]);

    /// <param name="start">Of the rectangle, in source pixels, as its <paramref name="length"/>.</param>
    /// <param name="low">First source pixel that may be looked at.</param>
    /// <param name="high">One past the last.</param>
    internal void Fit(double start, double length, int low, int high, int targets)
    {
        var scale = length / targets;
        var support = Math.Max(scale, 1);
        most = 2 * (int)Math.Ceiling(support) + 1;
        if (first.Length < targets)
            (first, count) = (new int[targets], new int[targets]);
        if (values.Length < targets * most)
            values = new float[targets * most];
        for (var i = 0; i < targets; i++)
        {
            var centre = start + (i + 0.5) * scale;
            var from = Math.Max((int)(centre - support + 0.5), low);
            var to = Math.Min((int)(centre + support + 0.5), high);
            (first[i], count[i]) = (from, to - from);
            var weights = values.AsSpan(i * most, to - from);
            var sum = 0.0;
            for (var t = 0; t < weights.Length; t++)
            {
                var weight = Math.Max(1 - Math.Abs(from + t + 0.5 - centre) / support, 0);
                weights[t] = (float)weight;
                sum += weight;
            }
            for (var t = 0; t < weights.Length; t++)
                weights[t] = (float)(weights[t] / sum);
        }
    }
}

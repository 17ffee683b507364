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
    private int room;

    /// <summary>Weights of the target pixel that has most of them.</summary>
    internal int Most { get; private set; }

    /// <summary>The source pixel that a target pixel's first weight is for.</summary>
    internal int First(int target) => first[target];

    internal ReadOnlySpan<float> Of(int target) => values.AsSpan(target * room, count[target]);

    /// <summary>As <see cref="Of"/>, with zeros up to <see cref="Most"/>: a loop that is always as long is foreseen.</summary>
    internal ref float Padded(int target) => ref values[target * room];

    /// <param name="start">Of the rectangle, in source pixels, as its <paramref name="length"/>.</param>
    /// <param name="low">First source pixel that may be looked at.</param>
    /// <param name="high">One past the last.</param>
    internal void Fit(double start, double length, int low, int high, int targets)
    {
        var scale = length / targets;
        var support = Math.Max(scale, 1);
        room = 2 * (int)Math.Ceiling(support) + 1;
        Most = 0;
        if (first.Length < targets)
            (first, count) = (new int[targets], new int[targets]);
        if (values.Length < targets * room)
            values = new float[targets * room];
        for (var i = 0; i < targets; i++)
        {
            var centre = start + (i + 0.5) * scale;
            var from = Math.Max((int)(centre - support + 0.5), low);
            var to = Math.Min((int)(centre + support + 0.5), high);
            (first[i], count[i]) = (from, to - from);
            Most = Math.Max(Most, to - from);
            values.AsSpan(i * room, room).Clear();
            var weights = values.AsSpan(i * room, to - from);
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

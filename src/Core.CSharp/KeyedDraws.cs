namespace LongTail.Core;

/// <summary>
/// Random numbers of one key (<see cref="Randomness.Key(long, Purpose, long, int)"/>), by SplitMix64: as cheap as a few
/// multiplications, where a generator of libtorch's for every image would cost more than its crop.
/// </summary>
internal struct KeyedDraws(ulong key)
{
    private ulong state = key;

    /// <summary>Evenly from [low, high).</summary>
    internal double Uniform(double low, double high) =>
        low + (high - low) * (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Evenly from 0 to <paramref name="count"/> - 1.</summary>
    internal int Below(int count) => (int)Math.BigMul(Next(), (ulong)count, out _);

    private ulong Next()
    {
        var drawn = Randomness.Mix(state);
        state += Randomness.Step;
        return drawn;
    }
}

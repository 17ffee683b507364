namespace LongTail.Core.Data;

/// <summary>
/// MT19937 (Matsumoto and Nishimura 1998), here only because the published subsets were drawn with it and
/// must come out the same. Everything else that is random comes from <see cref="Randomness"/>.
/// </summary>
public sealed class MersenneTwister
{
    private const int Size = 624;
    private const int Middle = 397;
    private readonly uint[] state = new uint[Size];
    private int next = Size;

    public MersenneTwister(uint seed)
    {
        state[0] = seed;
        for (var i = 1u; i < Size; i++)
            state[i] = 1812433253u * (state[i - 1] ^ (state[i - 1] >> 30)) + i;
    }

    /// <summary>The next 32 random bits.</summary>
    public uint Next()
    {
        if (next == Size)
            Regenerate();
        var y = state[next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680u;
        y ^= (y << 15) & 0xefc60000u;
        return y ^ (y >> 18);
    }

    /// <summary>
    /// Uniform in 0..<paramref name="largest"/>, both included, by masking and rejecting, as numpy's legacy
    /// generator does (method.md 4.2).
    /// </summary>
    public uint Interval(uint largest)
    {
        var mask = uint.MaxValue >> System.Numerics.BitOperations.LeadingZeroCount(largest | 1);
        uint value;
        do value = Next() & mask;
        while (value > largest);
        return value;
    }

    /// <summary>numpy's legacy shuffle: from the last place down, swapped with a place drawn at or before it.</summary>
    public void Shuffle(Span<int> values)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var j = (int)Interval((uint)i);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    private void Regenerate()
    {
        for (var i = 0; i < Size; i++)
        {
            var y = (state[i] & 0x80000000u) | (state[(i + 1) % Size] & 0x7fffffffu);
            state[i] = state[(i + Middle) % Size] ^ (y >> 1) ^ ((y & 1) * 0x9908b0dfu);
        }
        next = 0;
    }
}

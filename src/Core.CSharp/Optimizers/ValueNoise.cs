using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>
/// Independent N(0, 1), shape (Count): one number a trained value. It may depend on the step and on the number of the draw
/// within the step, never on the values.
/// </summary>
public delegate Tensor NoiseSource(Moment now, int draw);

/// <summary>
/// Noise without a generator's state: each number is a function of the run's seed, the step, the draw, its parameter's name
/// and its index in it, so that neither the parameters' order nor what else is trained can change it, and every device
/// gives the same up to the rounding of its logarithm and cosine.
/// </summary>
public static class ValueNoise
{
    private const double Unit = 1.0 / (1L << 32);

    /// <summary>Keyed by the seed, the step and the draw; float32 where the parameters are of lower precision.</summary>
    public static NoiseSource Drawn(long seed, FlatParameters parameters) =>
        (now, draw) =>
            Normal(
                parameters.Places,
                Randomness.Key(seed, Purpose.NeighborhoodNoise, now.Step, draw),
                parameters.StateType
            );

    /// <summary>Two 32-bit uniforms of each mixed counter, by Box and Muller (1958) one normal number.</summary>
    private static Tensor Normal(Tensor places, ulong key, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var mixed = Mix(places + unchecked((long)key));
        // Half a unit from the ends: the logarithm never sees zero.
        var radius = ShiftRight(mixed, 32).to(dtype).add_(0.5).mul_(Unit);
        var turn = mixed.bitwise_and_(tensor((long)uint.MaxValue)).to(dtype);
        return radius
            .log_()
            .mul_(-2)
            .sqrt_()
            .mul_(turn.mul_(2 * Math.PI * Unit).cos_())
            .MoveToOuterDisposeScope();
    }

    // SplitMix64's finaliser, as Randomness.Mix, on all counters at once.
    private static Tensor Mix(Tensor x)
    {
        x = x.bitwise_xor_(ShiftRight(x, 30)).mul_(unchecked((long)0xBF58476D1CE4E5B9));
        x = x.bitwise_xor_(ShiftRight(x, 27)).mul_(unchecked((long)0x94D049BB133111EB));
        return x.bitwise_xor_(ShiftRight(x, 31));
    }

    // libtorch shifts signed numbers, dragging the sign along: masked, zeros come in as of unsigned ones.
    private static Tensor ShiftRight(Tensor x, int bits) =>
        x.bitwise_right_shift(tensor((long)bits))
            .bitwise_and_(tensor((long)(ulong.MaxValue >> bits)));
}

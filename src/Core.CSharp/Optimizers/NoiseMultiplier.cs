namespace LongTail.Core.Optimizers;

/// <summary>
/// m(e) of GNM's noise (method.md 1.2, 1.3): 0.5^floor((e - 1) / E), the floor toward minus infinity. Aligned with
/// deferred re-weighting: with E the last epoch before it, m falls to 1/2 in the epoch where the weights begin to act.
/// </summary>
public static class NoiseMultiplier
{
    /// <param name="epoch">Counts from 0.</param>
    /// <param name="halveEvery">E, at least 1; null is m = 1 always.</param>
    /// <param name="doubleInEpochZero">
    /// The literal formula: floor(-1 / E) = -1 makes m(0) = 2, probably unintended. Without it m(0) = 1.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">epoch negative, or halveEvery below 1</exception>
    public static double At(int epoch, int? halveEvery, bool doubleInEpochZero)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        if (CheckHalving(halveEvery) is not { } every)
            return 1;
        // C# divides toward zero: epoch 0 is the only one where that is not the floor.
        var halvings = epoch == 0 ? -1 : (epoch - 1) / every;
        return Math.Pow(0.5, doubleInEpochZero ? halvings : Math.Max(halvings, 0));
    }

    // The published code's E = -1, meant as "off", lets the noise grow to 512 times its size by epoch 10.
    internal static int? CheckHalving(int? halveEvery) =>
        halveEvery is null or >= 1
            ? halveEvery
            : throw new ArgumentOutOfRangeException(
                nameof(halveEvery),
                halveEvery,
                "The noise halves every so many epochs: at least 1, or null to never halve it."
            );
}

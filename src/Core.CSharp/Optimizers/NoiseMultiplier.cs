namespace LongTail.Core.Optimizers;

/// <summary>
/// m(e) of GNM's noise (method.md 1.2, 1.3): 0.5^floor((e - 1) / E), the floor toward minus infinity. Aligned with
/// deferred re-weighting: with E the last epoch before it, m falls to 1/2 in the epoch where the weights begin to act.
/// </summary>
public static class NoiseMultiplier
{
    /// <param name="epoch">Counts from 0.</param>
    /// <param name="halveEvery">E, at least 1; null is m = 1 always.</param>
    /// <param name="literal">
    /// The published formula to the letter, for any E but 0: floor(-1 / E) = -1 makes m(0) = 2, probably unintended, and
    /// E = -1, there meant as "off", doubles m every epoch, to 512 at epoch 10. Without it m never rises above 1.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">epoch negative, or halveEvery outside its range</exception>
    public static double At(int epoch, int? halveEvery, bool literal)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        if (CheckHalving(halveEvery, literal) is not { } every)
            return 1;
        // Not C#'s division, which goes toward zero.
        var halvings = Math.Floor((epoch - 1) / (double)every);
        return Math.Pow(0.5, literal ? halvings : Math.Max(halvings, 0));
    }

    internal static int? CheckHalving(int? halveEvery, bool literal) =>
        halveEvery is null or >= 1 || (literal && halveEvery != 0)
            ? halveEvery
            : throw new ArgumentOutOfRangeException(
                nameof(halveEvery),
                halveEvery,
                "The noise halves every so many epochs: at least 1, or null to never halve it."
            );
}

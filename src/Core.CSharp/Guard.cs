using System.Runtime.CompilerServices;

namespace LongTail.Core;

/// <summary>Refuses numbers outside a formula's domain where they come in. NaN is always outside.</summary>
internal static class Guard
{
    /// <exception cref="ArgumentOutOfRangeException">negative, infinite or NaN</exception>
    public static double NotNegative(
        double value,
        [CallerArgumentExpression(nameof(value))] string? name = null
    ) =>
        double.IsFinite(value) && value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(
                name,
                value,
                "Must be finite and not negative."
            );

    /// <exception cref="ArgumentOutOfRangeException">beyond the limit in either direction, or NaN</exception>
    public static double Within(
        double value,
        double limit,
        [CallerArgumentExpression(nameof(value))] string? name = null
    ) =>
        Math.Abs(value) <= limit
            ? value
            : throw new ArgumentOutOfRangeException(
                name,
                value,
                $"Must be from {-limit} to {limit}."
            );

    /// <exception cref="ArgumentOutOfRangeException">outside [0, 1) or NaN</exception>
    public static double BelowOne(
        double value,
        [CallerArgumentExpression(nameof(value))] string? name = null
    ) =>
        value is >= 0 and < 1
            ? value
            : throw new ArgumentOutOfRangeException(name, value, "Must be in [0, 1).");

    /// <exception cref="ArgumentOutOfRangeException">outside [0, 1] or NaN</exception>
    public static double Share(
        double value,
        [CallerArgumentExpression(nameof(value))] string? name = null
    ) =>
        value is >= 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(name, value, "Must be in [0, 1].");

    /// <exception cref="ArgumentOutOfRangeException">zero, negative, infinite or NaN</exception>
    public static double Positive(
        double value,
        [CallerArgumentExpression(nameof(value))] string? name = null
    ) =>
        double.IsFinite(value) && value > 0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, "Must be finite and positive.");
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace LongTail.Core;

/// <summary>Numbers as a person writes them.</summary>
public static partial class Digits
{
    /// <summary>A form that reads back as the same value: 0.0025, 1e-5, 100, 1e6.</summary>
    public static string Text(double value)
    {
        var digits = Powers(value.ToString("R", CultureInfo.InvariantCulture));
        return Zeros().Match(digits) is { Success: true } found
            ? $"{found.Groups[1].Value}e{found.Groups[2].Length}"
            : digits;
    }

    /// <summary>Of a measured value what is worth reading: 2.303, 1.431e30.</summary>
    public static string Brief(double value, int digits = 4) =>
        Powers(value.ToString($"G{digits}", CultureInfo.InvariantCulture));

    // .NET writes 1E+30.
    private static string Powers(string digits) => Exponent().Replace(digits, "e$1");

    [GeneratedRegex("^(-?[0-9]+?)(0{6,})$")]
    private static partial Regex Zeros();

    [GeneratedRegex(@"E\+?(-?)0*")]
    private static partial Regex Exponent();
}

namespace LongTail

open System.Globalization
open System.Text.RegularExpressions

/// Numbers as a person writes them.
module internal Digits =
    /// A form that reads back as the same value: 0.0025, 1e-5, 100, 1e6.
    let text (value: float) =
        let digits = value.ToString("R", CultureInfo.InvariantCulture)
        let zeros = Regex.Match(digits, "^(-?[0-9]+?)(0{6,})$")

        if zeros.Success then
            $"{zeros.Groups[1].Value}e{zeros.Groups[2].Length}"
        else
            Regex.Replace(digits, @"E\+?(-?)0*", "e$1")

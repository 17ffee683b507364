namespace LongTail

open System.Globalization
open System.Text.RegularExpressions

/// Numbers as a person writes them.
module internal Digits =
    /// The shortest form that reads back as the same value: 0.0025, 1e-5, 100.
    let text (value: float) =
        Regex.Replace(value.ToString("R", CultureInfo.InvariantCulture), @"E\+?(-?)0*", "e$1")

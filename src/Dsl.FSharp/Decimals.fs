namespace LongTail

open System
open System.Globalization

/// Numbers as text: the only rule by which tables, sentences, files for people and pages round.
module internal Decimals =
    /// To so many decimals, halves away from zero. Of the decimal fraction that is meant: two ways to one mean differ in
    /// its last bits, which decide nothing here.
    let rounded decimals (value: float) =
        Math.Round(Math.Round(decimal value, 10), decimals, MidpointRounding.AwayFromZero)

    /// The same as a text: 17.25 to one decimal is 17.3.
    let places decimals value =
        (rounded decimals value).ToString($"F{decimals}", CultureInfo.InvariantCulture)

    /// A number of things.
    let plural count one many =
        if count = 1 then $"1 {one}" else $"{count} {many}"

    /// A number of things that have a regular plural.
    let counted count word = plural count word $"{word}s"

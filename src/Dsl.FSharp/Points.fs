namespace LongTail

/// Accuracies and their differences in words, in points of percent.
module internal Points =
    /// Accuracies that are equal on paper differ in their last bits once they were averaged.
    let private tiny = 1e-9

    let isZero value = abs value < tiny

    /// To one decimal; a difference that this rounds away is no difference of 0.0.
    let text (value: float) =
        if isZero value then "0.0"
        elif abs value < 0.0005 then "less than 0.1"
        else $"{100. * value:F1}"

    /// The same with its sign.
    let signed (value: float) =
        if isZero value || abs value < 0.0005 then
            text value
        else
            $"{100. * value:``+0.0;-0.0``}"

    /// Two settings beside each other: rows may be called alike, where what tells them apart is not in their names.
    let both (one: string) other =
        if one = other then
            $"two settings called {one}"
        else
            $"{one} and {other}"

    /// How the one stands to the other: "A leads B". Things are what the two are, as "settings".
    let between things (one: string) (relation: string) other =
        if one = other then
            $"one of two {things} called {one} {relation} the other"
        else
            $"{one} {relation} {other}"

    /// The same of two settings.
    let over one = between "settings" one

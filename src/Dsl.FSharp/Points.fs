namespace LongTail

/// Accuracies and their differences in words, in points of percent.
module internal Points =
    /// Accuracies that are equal on paper differ in their last bits once they were averaged.
    let private tiny = 1e-9

    let isZero value = abs value < tiny

    /// A share in percent, or a difference of shares in points, to one decimal as every table has it.
    let percent (share: float) = Decimals.places 1 (100. * share)

    let private isHidden (value: float) = Decimals.rounded 1 (100. * value) = 0m

    /// The same with its sign.
    let change value =
        if value > 0. && not (isHidden value) then
            $"+{percent value}"
        else
            percent value

    /// To one decimal; a difference that this rounds away is no difference of 0.0.
    let text (value: float) =
        if isHidden value && not (isZero value) then
            "less than 0.1"
        else
            percent value

    /// The same with its sign.
    let signed (value: float) =
        if isHidden value then text value else change value

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

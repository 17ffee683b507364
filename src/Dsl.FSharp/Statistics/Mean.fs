namespace LongTail

/// The mean of numbers, the same in its last bit whatever their order: rows are ranked by it.
module Mean =
    /// In the values' unit. There must be a value.
    let over (values: float list) = values |> List.sort |> List.average

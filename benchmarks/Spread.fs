/// A figure that was measured several times.
module LongTail.Benchmarks.Spread

let median values =
    let sorted = List.sort values
    (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2.

/// "1.23 (1.20 to 1.31)": the median and the range.
let show values =
    $"%.3f{median values} (%.3f{List.min values} to %.3f{List.max values})"

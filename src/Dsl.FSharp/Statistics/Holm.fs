namespace LongTail

/// Holm's correction (1979) for several comparisons at once.
module Holm =
    /// The adjusted p-values, in the order given. With p(1) <= ... <= p(m) sorted, adjusted p(i) is the largest of
    /// (m - j + 1) p(j) over j <= i, at most 1. Refusing where it is at most a refuses any true hypothesis with probability
    /// at most a, whatever depends on what.
    let adjusted (ps: float list) =
        let m = ps.Length

        ps
        |> List.indexed
        |> List.sortBy snd
        |> List.mapi (fun before (place, p) -> place, min 1. (float (m - before) * p))
        |> List.scan (fun (_, largest) (place, p) -> place, max largest p) (-1, 0.)
        |> List.tail
        |> List.sortBy fst
        |> List.map snd

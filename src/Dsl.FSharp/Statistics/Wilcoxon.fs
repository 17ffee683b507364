namespace LongTail

open MathNet.Numerics

/// Wilcoxon's signed-rank test (1945): whether differences, one a pair, lie about zero; it asks for no normal distribution.
module Wilcoxon =
    /// Up to so many pairs p is counted out.
    let private exactUpTo = 25

    /// Twice the rank of each magnitude, which is whole where equal ones share their middle rank. Differences of
    /// accuracies that are equal on paper differ in their last bits.
    let private doubledRanks (magnitudes: float list) =
        let near = 1e-12 * List.max magnitudes

        magnitudes
        |> List.map (fun m ->
            let below = magnitudes |> List.filter (fun other -> other < m - near) |> List.length

            let alike =
                magnitudes |> List.filter (fun other -> abs (other - m) <= near) |> List.length

            2 * below + alike + 1)

    /// In how many of the 2^n ways to sign the ranks the positive ones sum to each number: the coefficients of the
    /// product of 1 + x^rank.
    let private ways ranks =
        (Array.init (1 + List.sum ranks) (fun sum -> if sum = 0 then 1. else 0.), ranks)
        ||> List.fold (fun ways rank ->
            ways
            |> Array.mapi (fun sum count -> if sum < rank then count else count + ways[sum - rank]))

    let private exact ranks positive =
        let total = List.sum ranks
        let extreme = min positive (total - positive)
        let ways = ways ranks
        // Both ends, as the distribution is symmetric.
        min 1. (2. * Array.sum ways[..extreme] / Array.sum ways)

    /// W has mean (sum of ranks) / 2 and variance (sum of squared ranks) / 4, which with middle ranks is the correction for
    /// ties; half a rank is taken off for W being discrete.
    let private approximate ranks positive =
        let half = float (List.sum ranks) / 2.
        let deviation = sqrt (ranks |> List.sumBy (fun rank -> float rank ** 2.)) / 2.
        SpecialFunctions.Erfc(max 0. (abs (float positive - half) - 1.) / deviation / sqrt 2.)

    /// Two-sided p. Differences of zero are left out (Wilcoxon's rule); p is 1 where no other is there. Up to 25 differences
    /// exact, ties included; beyond, by the normal distribution with corrections for ties and continuity. None for fewer
    /// than two differences.
    let over (differences: float list) =
        match differences, differences |> List.filter ((<>) 0.) with
        | ([] | [ _ ]), _ -> None
        | _, [] -> Some 1.
        | _, signed ->
            let ranks = signed |> List.map abs |> doubledRanks

            let positive =
                List.zip signed ranks
                |> List.sumBy (fun (difference, rank) -> if difference > 0. then rank else 0)

            Some(
                if signed.Length <= exactUpTo then
                    exact ranks positive
                else
                    approximate ranks positive
            )

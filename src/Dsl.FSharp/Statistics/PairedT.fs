namespace LongTail

open MathNet.Numerics.Distributions

/// What Student's paired t-test says of differences, one a pair.
type PairedT =
    {
        /// Mean of the differences with its 95 % interval.
        Difference: Estimate
        /// Two-sided.
        P: float
    }

module PairedT =
    /// Of n differences: t = mean / (s / sqrt n), p = P(|T| >= |t|) with n - 1 degrees of freedom (Student 1908), so p < 0.05
    /// exactly where the interval leaves out zero. Differences that are all alike have p = 0, all zero p = 1. None for
    /// fewer than two.
    let over (differences: float list) =
        match differences with
        | []
        | [ _ ] -> None
        | _ ->
            let mean, error = TInterval.standardError differences

            Some
                {
                    Difference = TInterval.over differences
                    P =
                        if mean = 0. then
                            1.
                        elif error = 0. then
                            0.
                        else
                            2. * StudentT.CDF(0., 1., float differences.Length - 1., -abs(mean / error))
                }

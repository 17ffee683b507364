namespace LongTail

open MathNet.Numerics.Distributions

/// A mean over seeds and half the width of its 95 % interval by Student's t; one seed has no interval.
type Estimate =
    { Mean: float; HalfWidth: float option }

module TInterval =
    /// The mean of n values and its standard error, s / sqrt n with s² = sum (x - mean)² / (n - 1); not a number for n = 1.
    let internal standardError (values: float list) =
        let n = float values.Length
        let mean = Mean.over values

        let variance =
            (values |> List.sort |> List.sumBy (fun x -> (x - mean) ** 2.)) / (n - 1.)

        mean, sqrt (variance / n)

    /// mean ± t(0.975, n - 1) s / sqrt n (Student 1908), in the values' unit. There must be a value.
    let over (values: float list) =
        match values with
        | [ one ] -> { Mean = one; HalfWidth = None }
        | _ ->
            let mean, error = standardError values
            let quantile = StudentT.InvCDF(0., 1., float values.Length - 1., 0.975)

            {
                Mean = mean
                HalfWidth = Some(quantile * error)
            }

namespace LongTail.Commands

open LongTail

/// How a number stands in its column of a table.
type Mark =
    | Best
    /// Two seeds or more do not tell it from the best one.
    | WithinNoise
    | Unmarked

module Mark =
    let private mean values = values |> List.map snd |> Mean.over

    /// Of a column's settings, each with its numbers by seed, of which the highest is the best: by the 95 % t-interval of the
    /// differences paired by seed. A lone number is not marked.
    let column (settings: (int64 * float) list list) =
        match settings |> List.filter (not << List.isEmpty) with
        | []
        | [ _ ] -> settings |> List.map (fun _ -> Unmarked)
        | several ->
            let best = several |> List.maxBy mean

            let mark values =
                if List.isEmpty values then
                    Unmarked
                elif Points.isZero (mean best - mean values) then
                    Best
                else
                    match PairedT.over (Replicates.differences best values) with
                    | Some {
                               Difference = { Mean = by; HalfWidth = Some half }
                           } when abs by <= half -> WithinNoise
                    | _ -> Unmarked

            settings |> List.map mark

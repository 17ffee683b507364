namespace LongTail

open LongTail.Core.Training

/// Where a result lies.
type Fit =
    | Within
    /// By so many points beyond the upper end of its range, below zero beyond the lower one.
    | Outside of points: float
    | NoResult

/// An expectation, and the mean that the results have instead.
type Checked =
    {
        Expectation: Expectation
        /// With what it goes by.
        Score: string
        /// None where a run of the row is missing: the mean of a part of the seeds is another number.
        Found: Estimate option
        Missing: int
        /// Runs of the row that were asked for.
        Asked: int
    }

/// Results held against what a script expects of them.
module Check =
    /// Of the rows that the plan has, in the script's order: those that were not asked for are passed over.
    let ofPlan (plan: Plan) (results: Map<string, RunResult>) =
        [
            for expectation in plan.Expected do
                match
                    plan.Cells
                    |> List.filter (fun (s, _) -> List.contains (Experiment.unseeded s.Experiment) expectation.Of)
                with
                | [] -> ()
                | (first, _) :: _ as cells ->
                    let rule = Experiment.groups first.Experiment
                    let hashes = List.map snd cells

                    // Of several frozen models that are so called the range holds for each.
                    let replicates =
                        if expectation.Frozen then
                            hashes
                            |> List.choose plan.Frozen.TryFind
                            |> List.distinct
                            |> List.map List.singleton
                        else
                            [ hashes ]

                    for hashes in replicates do
                        let values =
                            hashes |> List.choose results.TryFind |> List.choose (expectation.Score.Of rule)

                        {
                            Expectation = expectation
                            Score = expectation.Score |> Score.named [ rule ]
                            Found =
                                if values.Length = hashes.Length then
                                    Some(TInterval.over values)
                                else
                                    None
                            Missing = hashes.Length - values.Length
                            Asked = hashes.Length
                        }
        ]

    /// By the one decimal that tables show.
    let fit one =
        match one.Found with
        | None -> NoResult
        | Some found ->
            let percent = float (Decimals.rounded 1 (100. * found.Mean))
            let { Low = low; High = high } = one.Expectation

            if percent < low then Outside(percent - low)
            elif percent > high then Outside(percent - high)
            else Within

    let private verdict one =
        match fit one with
        | Within -> "within"
        | Outside points when points < 0. ->
            $"{Decimals.places 1 -points} points below {Decimals.places 1 one.Expectation.Low}"
        | Outside points -> $"{Decimals.places 1 points} points above {Decimals.places 1 one.Expectation.High}"
        | NoResult when one.Missing = one.Asked -> "no result"
        | NoResult -> $"{one.Missing} of {one.Asked} runs missing"

    let private range one =
        $"{Decimals.places 1 one.Expectation.Low} to {Decimals.places 1 one.Expectation.High}"

    let table those =
        those
        |> List.map (fun one ->
            [
                one.Expectation.Row
                one.Score
                Report.orDash Report.percent one.Found
                range one
                verdict one
            ])
        |> Grid.table [ "row"; "score" ] [ "found"; "range"; "verdict" ]

    /// In a line what the check came to.
    let summary those =
        let count holds =
            those |> List.filter (fit >> holds) |> List.length

        let outside = count (fun fit -> fit.IsOutside)
        let lacking = count (fun fit -> fit.IsNoResult)

        if outside + lacking = 0 then
            $"all {those.Length} are within their ranges"
        else
            $"{those.Length - outside - lacking} of {those.Length} within their ranges, {outside} outside, {lacking} without a result"

    /// A line for each result that is outside its range.
    let complaints those =
        [
            for one in those do
                match fit one, one.Found with
                | Outside _, Some found ->
                    $"{one.Expectation.Row}: {one.Score} {Report.percent found} is {verdict one}, where the script expects {range one}: look for what is not as it was, data, weights or settings"
                | _ -> ()
        ]

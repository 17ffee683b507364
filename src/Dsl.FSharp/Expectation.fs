namespace LongTail

/// The range, in percent, in which a score's mean over the seeds of a row is expected.
type Expectation =
    {
        /// As the table calls it.
        Row: string
        /// What the row is of, with seed 0.
        Of: Experiment list
        Score: Score
        Low: float
        High: float
    }

module Expectation =
    let private fault row = Problem.ofSweep $"expect {row}"

    /// Ranges of a score, by the rows of a table and what these are of; and what is wrong with them.
    let read score (rows: (string * Experiment) list) (ranges: (string * float * float) list) =
        let known = rows |> List.map fst |> List.distinct |> String.concat "; "

        let expectations =
            [
                for row, low, high in ranges do
                    {
                        Row = row
                        Of =
                            rows
                            |> List.filter (fst >> (=) row)
                            |> List.map (snd >> Experiment.unseeded)
                            |> List.distinct
                        Score = score
                        Low = low
                        High = high
                    }
            ]

        let faults =
            [
                for row, count in ranges |> List.countBy (fun (row, _, _) -> row) do
                    if count > 1 then
                        fault row "" $"has {count} ranges of {score.Name}" "keep one"
                for e in expectations do
                    match e.Of with
                    | [] -> fault e.Row "" "is no row of the table" $"there is {known}"
                    | [ _ ] -> ()
                    | several ->
                        fault
                            e.Row
                            ""
                            $"is what {several.Length} rows are called"
                            "vary what tells them apart, which gives them a column of it"

                    if not (0. <= e.Low && e.Low <= e.High && e.High <= 100.) then
                        fault
                            e.Row
                            $"{e.Low}, {e.High}"
                            "is no range in percent"
                            "give the lower end, then the upper one"
            ]

        expectations, faults

namespace LongTail

/// The range, in percent, in which a score's mean over the seeds of a row is expected.
type Expectation =
    {
        /// As the table calls it.
        Row: string
        /// What the row is of, with seed 0.
        Of: Experiment list
        /// It is of the frozen model that these stand on.
        Frozen: bool
        Score: Score
        Low: float
        High: float
    }

module Expectation =
    /// How tables and ranges call the model without training that others are held against.
    let frozen = "frozen model"

    let private isFrozen (row: string) =
        row = frozen || row.StartsWith $"{frozen}, "

    let private fault row = Problem.ofSweep $"expect {row}"

    /// Ranges of a score, by the rows of a table and what these are of, and by those of frozen models and what stands on
    /// them; and what is wrong with them.
    let read
        score
        (rows: (string * Experiment) list)
        (frozen: (string * Experiment) list)
        (ranges: (string * float * float) list)
        =
        let known = rows |> List.map fst |> List.distinct |> String.concat "; "

        let expectations =
            [
                for row, low, high in ranges do
                    {
                        Row = row
                        Of =
                            (if isFrozen row then frozen else rows)
                            |> List.filter (fst >> (=) row)
                            |> List.map (snd >> Experiment.unseeded)
                            |> List.distinct
                        Frozen = isFrozen row
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
                    | _ when e.Frozen -> ()
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

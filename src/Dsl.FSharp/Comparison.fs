namespace LongTail

open LongTail.Core.Training

/// The answer for one setting of the other axes: differences of runs that share everything but the value, so the seed too.
type Difference =
    {
        Value: string
        Other: string
        /// The other axes' values.
        Under: string
        Score: string
        /// One for each pair of runs.
        Pairs: float list
        /// Over the pairs.
        Estimate: Estimate
    }

/// What a difference's 95 % interval says.
type Verdict =
    | Above
    | Below
    /// No pair differs.
    | Equal
    /// It holds zero.
    | Undecided
    /// One pair has no interval.
    | Unsaid

module Comparison =
    let private labels keep (setting: Setting) =
        setting.Labels
        |> List.filter (fst >> keep)
        |> List.map snd
        |> String.concat ", "

    /// A setting of the plan that has the value, and the one that it is held against, each with its run; None of one that
    /// was left out.
    let private pairs (plan: Plan) (contrast: Contrast) =
        let all =
            [
                for setting, hash in plan.Cells do
                    setting, Some hash
                for setting in plan.LeftOut do
                    setting, None
            ]
            |> List.distinctBy (fun (s, _) -> s.Experiment)

        let known = all |> List.map (fun (s, hash) -> s.Experiment, (s, hash)) |> dict

        [
            for setting, hash in all do
                if Contrast.has contrast setting.Experiment then
                    match known.TryGetValue(contrast.Other setting.Experiment) with
                    | true, other -> (setting, hash), other
                    | _ -> ()
        ]

    /// Contrasts of the plan that what was left out leaves without an answer.
    let unanswered plan =
        [
            for contrast in plan.Asked do
                let isWhole ((_, one: string option), (_, other: string option)) = one.IsSome && other.IsSome

                match pairs plan contrast with
                | [] -> ()
                | ((setting, _), _) :: _ as pairs when not (List.exists isWhole pairs) ->
                    let value, other = Contrast.words contrast setting.Experiment

                    Contrast.problem
                        contrast
                        $"{value}, {other}"
                        "has no pair among the runs that were asked for"
                        "ask for both values to have an answer"
                | _ -> ()
        ]

    let private score (results: Map<string, RunResult>) (contrast: Contrast) (setting: Setting, hash) =
        hash
        |> Option.bind results.TryFind
        |> Option.bind (contrast.Score.Of(Experiment.groups setting.Experiment))

    /// Pairs the sweep's results and takes the differences, one for each setting of the other axes.
    let paired (plan: Plan) results (contrast: Contrast) =
        let score = score results contrast

        [
            for (setting, hash), (other, otherHash) in pairs plan contrast do
                match score (setting, hash), score (other, otherHash) with
                | Some value, Some otherValue ->
                    let names =
                        labels ((=) contrast.Axis) setting,
                        labels ((=) contrast.Axis) other,
                        labels ((<>) contrast.Axis) setting,
                        contrast.Score
                        |> Score.named [ Experiment.groups setting.Experiment; Experiment.groups other.Experiment ]

                    Experiment.unseeded setting.Experiment, names, value - otherValue
                | _ -> ()
        ]
        |> List.groupBy (fun (e, names, _) -> e, names)
        |> List.map (fun ((_, (value, other, under, score)), pairs) ->
            let differences = pairs |> List.map (fun (_, _, difference) -> difference)

            {
                Value = value
                Other = other
                Under = under
                Score = score
                Pairs = differences
                Estimate = TInterval.over differences
            })

    /// The pairs that the differences do not have, a line for each two values: how many of how many, which, and how the
    /// runs stand that have no result.
    let missing store (plan: Plan) (results: Map<string, RunResult>) (contrast: Contrast) =
        let fault (setting, hash) =
            let value = labels ((=) contrast.Axis) setting

            match hash, score results contrast (setting, hash) with
            | _, Some _ -> None
            | None, _ -> Some $"{value} left out"
            | Some hash, _ when results.ContainsKey hash -> Some $"{value} has no {contrast.Score.Name}"
            | Some hash, _ -> Some $"{value} {StoredRun.word (StoredRun.known store hash)}"

        [
            for (value, other), those in
                pairs plan contrast
                |> List.groupBy (fun ((s, _), (o, _)) -> labels ((=) contrast.Axis) s, labels ((=) contrast.Axis) o) do
                let lost =
                    [
                        for (setting, hash), other in those do
                            match List.choose fault [ setting, hash; other ] with
                            | [] -> ()
                            | faults ->
                                let why = String.concat ", " faults

                                [ labels ((<>) contrast.Axis) setting; $"seed {setting.Experiment.Seed}" ]
                                |> List.filter ((<>) "")
                                |> String.concat ", "
                                |> fun pair -> $"{pair} ({why})"
                    ]

                if not lost.IsEmpty then
                    $"Not compared: {lost.Length} of {those.Length} pairs of {value} and {other}: {Gaps.listed lost}."
        ]

    /// Of a mean difference.
    let said estimate =
        match estimate.HalfWidth with
        | half when Points.isZero estimate.Mean && half |> Option.forall Points.isZero -> Equal
        | None -> Unsaid
        | Some half when estimate.Mean > half -> Above
        | Some half when estimate.Mean < -half -> Below
        | Some _ -> Undecided

    let verdict difference = said difference.Estimate

    let private joined (words: string list) =
        words |> List.distinct |> String.concat ", "

    let private inEverySeed d =
        let always = d.Pairs |> List.forall (fun pair -> pair * d.Estimate.Mean > 0.)

        match verdict d with
        | Above
        | Below when always -> ", in every seed"
        | _ -> ""

    /// What the differences support, in a sentence or two: never more than their intervals do.
    let sentence (differences: Difference list) =
        let claims found (relation: string -> string -> string) =
            [
                for (value, other, seeds), those in
                    differences
                    |> List.filter (fun d -> verdict d = found)
                    |> List.groupBy (fun d -> d.Value, d.Other, inEverySeed d) do
                    // Scores that say the same of the same settings are said together.
                    for under, scores in
                        those
                        |> List.groupBy _.Score
                        |> List.groupBy (fun (_, those) -> joined (those |> List.map _.Under)) do
                        let settings = if under = "" then "" else $" under {under}"
                        $"{relation value other} in {joined (List.map fst scores)}{settings}{seeds}"
            ]

        let is word one = Points.between "values" one word

        let said opening claims =
            match claims with
            | [] -> []
            | claims -> [ opening + String.concat "; " claims + "." ]

        match differences with
        | [] -> "There are no two runs to compare."
        | _ ->
            said "The numbers support: " (claims Above (is "above") @ claims Below (is "below"))
            @ said "They support no difference of " (claims Undecided (is "from"))
            @ said "No pair of runs differs: " (claims Equal Points.both)
            @ said "Two seeds or more would be needed to say anything of " (claims Unsaid (is "over"))
            |> String.concat "\n"

    /// A row a difference, in points of percent.
    let table differences =
        let cells d =
            let above = d.Pairs |> List.filter (fun pair -> pair > 0.) |> List.length

            [
                $"{d.Value} - {d.Other}"
                d.Under
                d.Score
                Report.percent d.Estimate
                $"{above} of {d.Pairs.Length}"
            ]

        differences
        |> List.map cells
        |> Grid.table [ "difference"; "under"; "in" ] [ "points"; "seeds above" ]

    /// How many intervals the table has is part of what they say.
    let caption (differences: Difference list) =
        let corrected =
            if differences.Length > 1 then
                $", not corrected for there being {differences.Length} of them"
            else
                ""

        $"Paired by seed, with the 95 %% t-interval of the mean{corrected}."

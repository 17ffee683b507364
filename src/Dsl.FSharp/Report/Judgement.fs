namespace LongTail.Reports

open LongTail

/// Which setting won, by how much, and whether that means anything.
type Judgement =
    {
        Headline: string
        /// Never more than the intervals support.
        Sentences: string list
    }

module Judgement =
    let private points value = $"{Points.text value} points"

    let private interval (lead: Lead) =
        match lead.Difference.HalfWidth with
        | None -> ""
        | Some half ->
            let mean = lead.Difference.Mean

            // Ends that one decimal would make the same have two.
            let signed (value: float) =
                (Decimals.places (if half < 0.001 then 2 else 1) (100. * value)).Replace("-", "\u2212")

            $"95 %% interval {signed (mean - half)} to {signed (mean + half)}"

    /// p to two significant digits.
    let p (value: float) =
        if value < 0.001 then "< 0.001" else $"{value:G2}"

    let private chance count (lead: Lead) =
        match lead.Adjusted with
        | None -> ""
        | Some value ->
            let sign = if value < 0.001 then "" else "= "

            let corrected =
                if count > 1 then
                    $" after Holm's correction for {count} comparisons"
                else
                    ""

            $", p {sign}{p value}{corrected}"

    let private tested count (lead: Lead) =
        match interval lead with
        | "" -> ""
        | interval -> $" ({interval}{chance count lead})"

    let private inSeeds (lead: Lead) =
        if lead.Pairs = 1 then
            "in the one seed that both have"
        else
            $"in each of {lead.Pairs} seeds"

    let private leads (first: Standing) (lead: Lead) =
        if Points.isZero lead.Difference.Mean then
            $"{Points.both first.Name lead.Over} have the same mean"
        else
            $"""{Points.over first.Name "leads" lead.Over} by {points lead.Difference.Mean}"""

    let private against count (first: Standing) (lead: Lead) =
        let shared = Decimals.counted lead.Pairs "seed"

        match Lead.verdict lead with
        | Equal ->
            $"No winner: {Points.both first.Name lead.Over} are equal",
            $"They have the same accuracy {inSeeds lead}: see whether what tells them apart has an effect."
        | _ when lead.Difference.Mean < 0. && not (Points.isZero lead.Difference.Mean) ->
            $"No clear winner: {Points.both first.Name lead.Over} are not of the same seeds",
            $"{first.Name} has the higher mean, but over the {shared} that both have {lead.Over} is {points -lead.Difference.Mean} ahead: run what is missing."
        | Above ->
            $"""{Points.over first.Name "beats" lead.Over} by {points lead.Difference.Mean}""",
            $"The difference over {shared} is clear of seed noise{tested count lead}."
        | Unsaid ->
            $"One seed cannot tell: {leads first lead}",
            "One seed has no interval: two or more are needed to say whether that means anything."
        | _ -> $"No clear winner: {leads first lead}", $"The lead can be seed noise{tested count lead}."

    let private second (lead: Lead) =
        let by =
            if Points.isZero lead.Difference.Mean then
                "with the same mean"
            else
                $"{points lead.Difference.Mean} behind"

        match Comparison.said lead.Difference with
        | Equal -> [ $"Second is {lead.Over}, with the same accuracy {inSeeds lead}." ]
        | _ when lead.Difference.Mean < 0. && not (Points.isZero lead.Difference.Mean) ->
            [ $"Second is {lead.Over}, which does not have the same seeds." ]
        | Undecided -> [ $"Second is {lead.Over}, {by}: too close to tell apart ({interval lead})." ]
        | Above -> [ $"Second is {lead.Over}, {by} ({interval lead})." ]
        | _ -> [ $"Second is {lead.Over}, {by}." ]

    let private counted (baseline: string) leads =
        let count verdict =
            leads |> List.filter (fun lead -> Lead.verdict lead = verdict) |> List.length

        match leads |> List.filter (fun lead -> Lead.verdict lead <> Unsaid) with
        | []
        | [ _ ] -> []
        | said ->
            let equal =
                match count Equal with
                | 0 -> ""
                | equal -> $", {equal} equal"

            [
                $"Of {said.Length} comparisons with {baseline}: {count Above} above, {count Below} below, {count Undecided} could be noise{equal}."
            ]

    /// With these sentences at its end.
    let also sentences judgement =
        { judgement with
            Sentences = judgement.Sentences @ sentences
        }

    /// Where settings are judged on different images, so many sets of them, no accuracy is above another; how a report is
    /// made of one set.
    let ofSeveral sets how =
        {
            Headline = $"{sets} sets of test images: no setting of one is above a setting of another"
            Sentences = [ $"Accuracies compare within a set only: for the report of one {how}." ]
        }

    /// Of a leaderboard; `behind` is the first setting's lead over the second.
    let ofStandings baseline (behind: Lead option) (standings: Standing list) =
        let leads = standings |> List.choose _.Lead

        match standings with
        | [] ->
            {
                Headline = "No run is finished"
                Sentences = []
            }
        | [ only ] ->
            {
                Headline = $"{only.Name}: {Report.percent only.Row.Accuracy} %%"
                Sentences = [ "Only one setting has results, so there is nothing to compare." ]
            }
        | first :: _ ->
            let headline, sentence =
                match first.Lead, behind with
                | Some lead, _ -> against leads.Length first lead
                | None, Some lead when List.contains (Comparison.said lead.Difference) [ Unsaid; Equal ] ->
                    against 1 first lead
                | None, _ when first.IsBaseline ->
                    $"Nothing beats {first.Name}, a baseline",
                    $"{first.Name} is first with {Report.percent first.Row.Accuracy} %%."
                | None, _ ->
                    $"{first.Name} is first with {Report.percent first.Row.Accuracy} %%",
                    $"There is no setting to compare it with by {baseline}; --baseline names another."

            let next =
                match behind with
                | Some lead when first.Lead |> Option.forall (fun partner -> partner.Over <> lead.Over) -> second lead
                | _ -> []

            {
                Headline = headline
                Sentences = sentence :: next @ counted baseline leads
            }

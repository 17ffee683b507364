namespace LongTail.Reports

open LongTail

/// By how much a setting's accuracy is above another one's, over the seeds that both have.
type Lead =
    {
        Over: string
        /// Pairs of runs of the same seed.
        Pairs: int
        /// In [-1, 1].
        Difference: Estimate
        /// Of the paired t-test, two-sided; None of a single pair.
        P: float option
        /// By Holm, over all comparisons that are shown together.
        Adjusted: float option
        /// Of Wilcoxon's signed ranks, two-sided and by Holm likewise. Of n pairs it cannot be under 2 / 2^n.
        Ranks: float option
    }

module Lead =
    let private level = 0.05

    /// Not adjusted yet; None where no seed is in both.
    let over (other: Contender) (contender: Contender) =
        let accuracies (one: Contender) =
            one.Runs |> List.map (fun run -> run.Seed, run.Result.Accuracy)

        let differences = Replicates.differences (accuracies contender) (accuracies other)

        if differences.IsEmpty then
            None
        else
            let p = PairedT.over differences |> Option.map _.P

            Some
                {
                    Over = other.Name
                    Pairs = differences.Length
                    Difference = TInterval.over differences
                    P = p
                    Adjusted = p
                    Ranks = Wilcoxon.over differences
                }

    /// These p-values corrected by Holm, each in its place.
    let private adjusted (ps: float option list) =
        let corrected = System.Collections.Generic.Queue(Holm.adjusted (List.choose id ps))
        ps |> List.map (Option.map (fun _ -> corrected.Dequeue()))

    /// Those that are shown together, in their order.
    let together (leads: Lead option list) =
        let ps pick =
            leads |> List.map (Option.bind pick) |> adjusted

        List.zip3 leads (ps _.P) (ps _.Ranks)
        |> List.map (fun (lead, p, ranks) ->
            lead
            |> Option.map (fun lead ->
                { lead with
                    Adjusted = p
                    Ranks = ranks
                }))

    /// A side is taken only where the interval leaves out zero and p stays below 0.05 among all comparisons.
    let verdict (lead: Lead) =
        match Comparison.said lead.Difference, lead.Adjusted with
        | (Above | Below), Some p when p >= level -> Undecided
        | side, _ -> side

    /// A verdict in a few words.
    let words (lead: Lead) =
        match verdict lead with
        | Above -> "above"
        | Below -> "below"
        | Equal -> "equal"
        | Unsaid -> "one seed: cannot tell"
        | Undecided -> "could be noise"

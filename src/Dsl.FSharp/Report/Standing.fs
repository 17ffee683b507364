namespace LongTail.Reports

open LongTail

/// A line of the leaderboard.
type Standing =
    {
        Name: string
        Row: Row
        TrainedValues: int64
        /// The largest of its runs.
        MemoryMiB: float option
        /// Whether others are compared with it.
        IsBaseline: bool
        Lead: Lead option
    }

module Standing =
    /// A line for each, in their order, compared with its partner.
    let all (partner: Contender -> Contender option) (contenders: Contender list) =
        let plain = Contender.plainOf contenders

        let row (c: Contender) =
            let row = Report.row c.Labels c.Evaluation c.Groups (Contender.results c)

            if Contender.isFrozen c then
                { row with Seeds = None }
            else
                row

        let partners = contenders |> List.map partner

        let baselines =
            partners |> List.choose (Option.map (fun (c: Contender) -> c.Labels)) |> set

        let leads =
            List.zip contenders partners
            |> List.map (fun (c, other) -> other |> Option.bind (fun other -> Lead.over other c))
            |> Lead.together

        List.zip contenders leads
        |> List.map (fun (c, lead) ->
            let results = Contender.results c

            {
                Name = c.Name
                Row = row c |> Report.besides (plain c |> Option.map row)
                TrainedValues = results.Head.TrainedValues
                MemoryMiB = results |> List.map (_.PeakMemoryMiB >> Option.ofNullable) |> List.max
                IsBaseline = baselines.Contains c.Labels
                Lead = lead
            })

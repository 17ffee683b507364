namespace LongTail

open System
open LongTail.Core.Evaluation
open LongTail.Core.Training

/// One setting of a sweep over its seeds; accuracies in [0, 1].
type Row =
    {
        Labels: (string * string) list
        Evaluation: Evaluation
        Seeds: int
        Accuracy: Estimate
        Head: Estimate option
        Medium: Estimate option
        Tail: Estimate option
        Ece: Estimate option
        SecondsPerEpoch: float
        /// Seconds an epoch over those of the same setting without perturbation.
        CostRatio: float option
    }

module Report =
    /// By the count of images where every run then has a class in each group, else by the published ranges, where all
    /// sets have them.
    let splitRule (results: RunResult seq) =
        let whole (means: GroupMeans) =
            means.Head.HasValue && means.Medium.HasValue && means.Tail.HasValue

        if
            results |> Seq.forall (fun r -> whole r.ByCount)
            || results |> Seq.exists (fun r -> isNull r.ByRange)
        then
            ByCount
        else
            ByRange

    let private over (pick: RunResult -> Nullable<float>) results =
        match results |> List.choose (pick >> Option.ofNullable) with
        | [] -> None
        | values -> Some(TInterval.over values)

    /// The row of runs that differ in their seed alone; its cost is told beside others.
    let row rule labels evaluation (found: RunResult list) =
        {
            Labels = labels
            Evaluation = evaluation
            Seeds = found.Length
            Accuracy = TInterval.over (found |> List.map _.Accuracy)
            Head = found |> over (fun r -> (SplitRule.groups rule r).Head)
            Medium = found |> over (fun r -> (SplitRule.groups rule r).Medium)
            Tail = found |> over (fun r -> (SplitRule.groups rule r).Tail)
            Ece = found |> over _.Calibration.ExpectedError
            SecondsPerEpoch = found |> List.averageBy _.SecondsPerEpoch
            CostRatio = None
        }

    /// With the cost over that of the row's unperturbed twin, where it has one.
    let besides (plain: Row option) row =
        { row with
            CostRatio = plain |> Option.map (fun plain -> row.SecondsPerEpoch / plain.SecondsPerEpoch)
        }

    /// One row a setting, in the sweep's order; settings without a result are left out.
    let rows rule (plan: Plan) (results: Map<string, RunResult>) =
        let rows =
            Replicates.ofPlan plan
            |> List.map (fun (setting, runs) -> setting, runs |> List.choose (snd >> results.TryFind))
            |> List.filter (fun (_, found) -> not found.IsEmpty)
            |> List.map (fun (s, found) -> s.Experiment, row rule s.Labels s.Experiment.Evaluation found)

        let known = dict rows

        [
            for experiment, row in rows do
                let unperturbed =
                    { experiment with
                        Optimizer = none experiment.Optimizer
                    }

                match known.TryGetValue unperturbed with
                | true, plain -> besides (Some plain) row
                | _ -> row
        ]

    let percent estimate =
        match estimate.HalfWidth with
        | Some half -> $"{100. * estimate.Mean:F1} ± {100. * half:F1}"
        | None -> $"{100. * estimate.Mean:F1}"

    let orDash show value =
        value |> Option.map show |> Option.defaultValue "-"

    /// The protocol of a table's numbers: of rows that have so many seeds and were judged so.
    let caption rule (rows: (int * Evaluation) list) =
        let counts =
            rows |> List.map fst |> List.distinct |> List.map string |> String.concat " or "

        let split =
            match rule with
            | ByCount -> "training images (over 100, 20 to 100, under 20)"
            | ByRange -> "the published class ranges"

        let interval =
            if rows |> List.exists (fun (seeds, _) -> seeds > 1) then
                " with the 95 % t-interval of the mean"
            else
                ""

        let any quirk = rows |> List.exists (snd >> quirk)

        let selection =
            if any _.BestOnTest then
                "of the epoch that is best on it"
            else
                "after the last epoch, nothing selected"

        [
            $"Accuracy and ECE in percent on the test set {selection}; seeds: {counts}{interval}."
            $"Head, medium and tail by {split}."
            if any _.BatchMeanAccuracy then
                "All is the mean over batches, the last of which is short."
            if any _.UnscaledConfidence then
                "ECE is of outputs without their scale."
        ]
        |> String.concat "\n"

    /// A table of rows that have the same axes.
    let table (rows: Row list) =
        let axes = rows |> List.tryHead |> Option.map (fun r -> r.Labels |> List.map fst)

        let cells row =
            (row.Labels |> List.map snd)
            @ [
                percent row.Accuracy
                orDash percent row.Head
                orDash percent row.Medium
                orDash percent row.Tail
                orDash percent row.Ece
                $"{row.SecondsPerEpoch:F2}"
                orDash (fun ratio -> $"{ratio:F2}x") row.CostRatio
            ]

        Grid.table
            (Option.defaultValue [] axes)
            [ "all"; "head"; "medium"; "tail"; "ECE"; "s/epoch"; "cost" ]
            (rows |> List.map cells)

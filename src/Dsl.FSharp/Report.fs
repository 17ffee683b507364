namespace LongTail

open System
open LongTail.Core.Evaluation
open LongTail.Core.Training

/// How the numbers of a row came about.
type Protocol =
    {
        /// None of a frozen model.
        Seeds: int option
        Evaluation: Evaluation
        Groups: GroupRule
    }

/// One setting of a sweep over its seeds; accuracies in [0, 1].
type Row =
    {
        Labels: (string * string) list
        Evaluation: Evaluation
        /// By which rule its classes are head, medium and tail: its own, whatever the rows beside it go by.
        Groups: GroupRule
        /// None of a frozen model, which no seed enters.
        Seeds: int option
        Accuracy: Estimate
        Head: Estimate option
        Medium: Estimate option
        Tail: Estimate option
        Ece: Estimate
        /// None without epochs.
        SecondsPerEpoch: float option
        /// With what of the machine its runs were timed.
        Shares: MachineShare list
        /// Seconds an epoch over those of the same setting without perturbation.
        CostRatio: float option
    }

module Report =
    let private over (pick: RunResult -> Nullable<float>) results =
        match results |> List.choose (pick >> Option.ofNullable) with
        | [] -> None
        | values -> Some(TInterval.over values)

    /// The row of runs that differ in their seed alone; its cost is told beside others.
    let row labels evaluation rule (found: RunResult list) =
        let means = GroupRule.means rule

        {
            Labels = labels
            Evaluation = evaluation
            Groups = rule
            Seeds = Some found.Length
            Accuracy = TInterval.over (found |> List.map _.Accuracy)
            Head = found |> over (fun r -> (means r).Head)
            Medium = found |> over (fun r -> (means r).Medium)
            Tail = found |> over (fun r -> (means r).Tail)
            Ece = TInterval.over (found |> List.map _.Calibration.ExpectedError)
            SecondsPerEpoch =
                match found |> List.choose (_.SecondsPerEpoch >> Option.ofNullable) with
                | [] -> None
                | times -> Some(Mean.over times)
            Shares = Timing.shares found
            CostRatio = None
        }

    /// How many times the time of another row it takes; None where they were not timed alike, or without epochs.
    let timeOver row other =
        if row.Shares.Length = 1 && other.Shares = row.Shares then
            Option.map2 (/) row.SecondsPerEpoch other.SecondsPerEpoch
        else
            None

    /// With the cost over that of the row's unperturbed twin, where it has one that was timed alike.
    let besides (plain: Row option) row =
        { row with
            CostRatio = plain |> Option.bind (timeOver row)
        }

    /// One row a setting, in the sweep's order; settings without a result are left out.
    let rows (plan: Plan) (results: Map<string, RunResult>) =
        let rows =
            Replicates.ofPlan plan
            |> List.map (fun (setting, runs) -> setting, runs |> List.choose (snd >> results.TryFind))
            |> List.filter (fun (_, found) -> not found.IsEmpty)
            |> List.map (fun (s, found) ->
                let e = s.Experiment
                e, row s.Labels e.Evaluation (Experiment.groups e) found)

        let known = dict rows

        [
            for experiment, row in rows do
                let unperturbed = perturbation.Set none experiment

                match known.TryGetValue unperturbed with
                | true, plain -> besides (Some plain) row
                | _ -> row
        ]

    let private estimated show estimate =
        match estimate.HalfWidth with
        | Some half -> $"{show estimate.Mean} ± {Points.percent half}"
        | None -> show estimate.Mean

    let percent = estimated Points.percent

    /// Of a difference, in points with its sign.
    let change = estimated Points.change

    /// Seconds an epoch.
    let seconds = Decimals.places 2

    /// How many times the cost of another.
    let times ratio = $"{Decimals.places 2 ratio}x"

    let orDash show value =
        value |> Option.map show |> Option.defaultValue "-"

    let protocol (row: Row) : Protocol =
        {
            Seeds = row.Seeds
            Evaluation = row.Evaluation
            Groups = row.Groups
        }

    let private judged (evaluation: Evaluation) =
        [
            (if evaluation.BestOnTest then
                 "best epoch on test"
             else
                 "last epoch")
            if evaluation.BatchMeanAccuracy then
                "mean of batches"
            if evaluation.UnscaledConfidence then
                "unscaled ECE"
        ]
        |> String.concat ", "

    /// The words of rows, and a column more for whatever of their protocol is not the same in all.
    let words (rows: ((string * string) list * Protocol) list) =
        let columns =
            [
                "groups", (fun (row: Protocol) -> GroupRule.brief row.Groups)
                "judged", (fun (row: Protocol) -> judged row.Evaluation)
            ]
            |> List.filter (fun (_, say) -> (rows |> List.distinctBy (snd >> say)).Length > 1)

        [
            for labels, row in rows do
                labels @ [ for name, say in columns -> name, say row ]
        ]

    /// The protocol of a table's numbers, of that of its rows, and in a line which of them are ranked though they are
    /// settings of one method.
    let caption (ranked: string list) (rows: Protocol list) =
        let counts = rows |> List.choose _.Seeds |> List.distinct

        let seeds =
            if counts.IsEmpty then
                ""
            else
                $"""; seeds: {counts |> List.map string |> String.concat " or "}"""

        let split =
            match rows |> List.map _.Groups |> List.distinct |> List.map GroupRule.words with
            | [ one ] -> one
            | several -> $"""each row's own rule: {String.concat "; " several}"""

        let interval =
            if counts |> List.exists (fun count -> count > 1) then
                " with the 95 % t-interval of the mean"
            else
                ""

        let any quirk =
            rows |> List.exists (fun row -> quirk row.Evaluation)

        let where quirk =
            if rows |> List.forall (fun row -> quirk row.Evaluation) then
                ""
            else
                ", where the row says so"

        let last =
            if ranked.IsEmpty then
                "after the last epoch, nothing selected"
            else
                "after the last epoch"

        let selection =
            match rows |> List.map _.Evaluation.BestOnTest |> List.distinct with
            | [ true ] -> "of the epoch that is best on it"
            | [ _ ] -> last
            | _ -> $"{last}, or of the epoch that is best on it{where _.BestOnTest}"

        [
            $"Accuracy and ECE in percent on the test set {selection}{seeds}{interval}."
            yield! ranked
            $"Head, medium and tail by {split}."
            if any _.BatchMeanAccuracy then
                $"All is the mean over batches, the last of which is short{where _.BatchMeanAccuracy}."
            if any _.UnscaledConfidence then
                $"ECE is of outputs without their scale{where _.UnscaledConfidence}."
        ]
        |> String.concat "\n"

    /// A table of rows that have the same axes.
    let table (rows: Row list) =
        let words = rows |> List.map (fun row -> row.Labels, protocol row) |> words
        let axes = words |> List.tryHead |> Option.map (List.map fst)

        let cells words row =
            (words |> List.map snd)
            @ [
                percent row.Accuracy
                orDash percent row.Head
                orDash percent row.Medium
                orDash percent row.Tail
                percent row.Ece
                orDash seconds row.SecondsPerEpoch
                orDash times row.CostRatio
            ]

        Grid.table
            (Option.defaultValue [] axes)
            [ "all"; "head"; "medium"; "tail"; "ECE"; "s/epoch"; "cost" ]
            (List.map2 cells words rows)

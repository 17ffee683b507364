namespace LongTail

open LongTail.Core.Training

/// What training gained over the frozen model that its backbone, input and data set have.
module Gain =
    /// Each frozen model with its settings, a setting for each of its seeds, and these settings' runs.
    let private bases plan =
        [
            for setting, hash in plan.Cells do
                match plan.Frozen.TryFind hash with
                | Some frozen -> frozen, (setting, hash)
                | None -> ()
        ]
        |> List.groupBy fst
        |> List.map (fun (frozen, those) -> frozen, List.map snd those)

    let private word axis (setting: Setting) =
        setting.Labels |> List.find (fst >> (=) axis) |> snd

    /// Axes that tell the frozen models apart: all settings of one have one value there, and the models do not share it.
    let private telling bases =
        match bases with
        | (_, (first: Setting, _) :: _) :: _ ->
            [
                for axis, _ in first.Labels do
                    let values =
                        bases
                        |> List.map (fun (_, those) -> those |> List.map (fst >> word axis) |> List.distinct)

                    if
                        values |> List.forall (fun of1 -> of1.Length = 1)
                        && (List.distinct values).Length > 1
                    then
                        axis
            ]
        | _ -> []

    /// What stands on the axes of a frozen model's row: its name on the first one that does not tell it from others.
    let private labels telling (setting: Setting) =
        let words =
            setting.Labels
            |> List.map (fun (axis, word) -> axis, (if List.contains axis telling then word else "-"))

        match words |> List.tryFindIndex (fun (axis, _) -> not (List.contains axis telling)), words with
        | Some index, _ -> words |> List.updateAt index (fst words[index], Expectation.frozen)
        | None, (axis, word) :: rest -> (axis, $"{Expectation.frozen}, {word}") :: rest
        | None, [] -> []

    let private called labels =
        Expectation.frozen
        :: (labels
            |> List.map snd
            |> List.filter (fun (word: string) -> word <> "-" && not (word.StartsWith Expectation.frozen)))
        |> String.concat ", "

    /// The plan's frozen models: hash, the words of its row, and a setting that stands on it for each rule of groups.
    let models plan =
        let bases = bases plan
        let telling = telling bases

        [
            for hash, those in bases do
                for setting, _ in those |> List.distinctBy (fun (s, _) -> Experiment.groups s.Experiment) do
                    hash, labels telling setting, setting
        ]

    /// How a frozen model is judged: as the settings that stand on it, where there is no epoch to choose.
    let evaluation (setting: Setting) =
        { setting.Experiment.Evaluation with
            BestOnTest = false
        }

    /// What the rows beside a frozen model are, where no axis has a word of theirs.
    let private trained = "trained"

    /// Rows of any table, those of the frozen models that have a result first, as `make` has them of place, hash, labels,
    /// setting and result. Rows without an axis get a column that tells the two apart.
    let leading make relabel plan (results: Map<string, RunResult>) rows =
        let column word labels =
            if List.isEmpty labels then [ "model", word ] else labels

        match
            [
                for index, (hash, labels, setting) in List.indexed (models plan) do
                    match results.TryFind hash with
                    | Some found -> yield make index hash (column Expectation.frozen labels) setting found
                    | None -> ()
            ]
        with
        | [] -> rows
        | frozen -> frozen @ List.map (relabel (column trained)) rows

    /// The same for the table of a script.
    let above =
        leading
            (fun _ _ labels setting found ->
                { Report.row labels (evaluation setting) (Experiment.groups setting.Experiment) [ found ] with
                    Seeds = None
                })
            (fun column (row: Row) -> { row with Labels = column row.Labels })

    let private points estimate =
        match estimate.HalfWidth with
        | Some half -> $"{Points.signed estimate.Mean} ± {Points.text half} points"
        | None -> $"{Points.signed estimate.Mean} points"

    let private said (called, by) = $"{called} ({points by})"

    let private verdict (gains: (string * Estimate) list) =
        let ranked = gains |> List.sortByDescending (fun (_, by) -> by.Mean)

        let listed those =
            those |> List.map said |> String.concat "; "

        let verdicts found =
            ranked |> List.filter (fun (_, by) -> Comparison.said by = found)

        let equal = verdicts Equal

        let lost =
            ranked
            |> List.filter (fun (_, by) ->
                match Comparison.said by with
                | Below -> true
                | Unsaid -> by.Mean < 0.
                | _ -> false)

        let unclear = verdicts Undecided

        [
            match ranked with
            | [] -> "Nothing trained has a result to hold against it."
            | _ when equal.Length = ranked.Length -> ()
            | [ _, by ] -> $"Training changed accuracy over it by {points by}."
            | best :: _ -> $"Training over it: the best is {said best}, the worst {said (List.last ranked)}."
            if not equal.IsEmpty && equal.Length = ranked.Length then
                "Training left its accuracy as it was."
            elif not equal.IsEmpty then
                $"""Training left its accuracy as it was: {equal |> List.map fst |> String.concat "; "}."""
            if not lost.IsEmpty then
                $"Training lost to it: {listed lost}."
            if not unclear.IsEmpty then
                $"No difference from it beyond the seeds' noise: {listed unclear}."
        ]
        |> String.concat " "

    /// A line for each frozen model: its accuracy, and what training gained over it or lost; and one where there is none.
    let lines plan (results: Map<string, RunResult>) =
        let bases = bases plan
        let telling = telling bases

        [
            for hash, those in bases do
                let name = called (labels telling (fst those.Head))

                match results.TryFind hash with
                | None -> $"{name}: no result, so what training gained is not known."
                | Some still ->
                    let gains =
                        [
                            for setting, runs in those |> List.groupBy (fun (s, _) -> s.Unseeded) do
                                match runs |> List.choose (snd >> results.TryFind) with
                                | [] -> ()
                                | found ->
                                    (if setting.Labels.IsEmpty then trained else setting.Called),
                                    TInterval.over (found |> List.map (fun r -> r.Accuracy - still.Accuracy))
                        ]

                    $"{name} (nearest class mean, nothing trained): {Points.percent still.Accuracy} %%. {verdict gains}"
            if
                plan.Cells |> List.exists (fun (_, hash) -> not (plan.Frozen.ContainsKey hash))
                && bases.IsEmpty
            then
                "No frozen model to compare with: the backbone is drawn, or nothing is trained."
        ]

namespace LongTail.Reports

open System.Text.Json
open LongTail
open LongTail.Commands
open LongTail.Core.Evaluation
open LongTail.Core.Settings
open LongTail.Core.Training

/// A setting of a table and its finished runs.
type Contender =
    {
        Name: string
        /// Axis and value, in the order of the table's columns.
        Labels: (string * string) list
        Evaluation: Evaluation
        Groups: GroupRule
        /// The resolved settings by their paths, the seed aside.
        Settings: (string * JsonElement) list
        /// The same as values, of the first run; None where they are of another version.
        Resolved: RunSettings option
        /// By rising seed.
        Runs: ExportRow list
    }

module Contender =
    let private perturbation = "Optimizer.Perturbation"

    let private named title labels =
        match labels |> List.map snd with
        | [] -> title
        | words -> String.concat ", " words

    /// In the order of the table's rows, whatever the order of the runs. The title is the name of a setting that no axis tells
    /// from others. Throws InputException where a setting has a seed twice.
    let ofRows title (settingsOf: string -> (string * JsonElement) list * RunSettings option) (rows: ExportRow list) =
        [
            for rows in rows |> List.sortBy (fun row -> row.Row, row.Seed) |> ExportRow.settings do
                let first = rows.Head
                let leaves, resolved = settingsOf first.Hash

                {
                    Name = named title first.Words
                    Labels = first.Words
                    Evaluation = first.Evaluation
                    Groups = first.Groups
                    Settings = leaves |> List.filter (fun (path, _) -> path <> "Seed")
                    Resolved = resolved
                    Runs = rows
                }
        ]

    /// The settings of these paths, as one text: a list's hash is that of its first few items.
    let private saying paths (contender: Contender) =
        [
            for path, value in contender.Settings do
                if paths path then
                    $"{path}={value.GetRawText()}"
        ]
        |> String.concat "\n"

    /// What it is judged on: the same for settings whose accuracies compare.
    let judgedOn =
        saying (fun path -> path.StartsWith "Data.Source" || path = "Data.TestImagesPerClass")

    let isFrozen (contender: Contender) = ExportRow.isFrozen contender.Runs

    let tuned (contender: Contender) = contender.Runs.Head.Tuned

    let results (contender: Contender) = contender.Runs |> List.map _.Result

    /// Its mean.
    let accuracy contender =
        results contender |> List.map _.Accuracy |> Mean.over

    /// Its settings in the words of a script, the seed aside, and what the files held.
    let written (contender: Contender) =
        contender.Resolved
        |> Option.map (Written.whole contender.Groups)
        |> Option.defaultValue []
        |> List.filter (fun (part, _) -> part <> "seed")

    /// The same for settings that differ in nothing but their perturbation.
    let private unperturbed = saying (fun path -> not (path.StartsWith perturbation))

    /// Finds the setting that differs from one in having no perturbation, also of one that has none itself.
    let plainOf (contenders: Contender list) =
        let plain =
            contenders
            |> List.filter (fun c ->
                c.Settings
                |> List.exists (fun (path, value) -> path = perturbation && value.ValueKind = JsonValueKind.Null))
            |> List.map (fun c -> unperturbed c, c)
            |> dict

        fun contender ->
            match plain.TryGetValue(unperturbed contender) with
            | true, found -> Some found
            | _ -> None

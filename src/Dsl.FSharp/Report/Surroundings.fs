namespace LongTail.Reports

open System.Text.Json
open LongTail.Commands

/// What runs were computed with: each member of their environment, and how many runs have which value of it.
type Surrounding =
    {
        Path: string
        Values: (string * int) list
    }

module Surroundings =
    /// What differs between any two runs, or stands elsewhere in a report.
    let private own = set [ "Experiment"; "Label"; "Dataset"; "Started"; "ScriptText" ]

    let private text path (value: JsonElement) =
        match path, Leaves.text (Some value) with
        | "Changes", "" -> "none"
        | "Changes", changes -> $"{changes.Split('\n').Length} lines that no commit holds"
        | _, text -> text

    let ofRuns (environments: (string * JsonElement) list list) =
        environments
        |> List.concat
        |> List.filter (fun (path, _) -> not (own.Contains path))
        |> List.countBy (fun (path, value) -> path, text path value)
        |> List.groupBy (fun ((path, _), _) -> path)
        |> List.map (fun (path, values) ->
            {
                Path = path
                Values =
                    values
                    |> List.map (fun ((_, value), runs) -> value, runs)
                    |> List.sortBy (fun (value, runs) -> -runs, value)
            })

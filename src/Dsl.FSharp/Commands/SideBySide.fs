namespace LongTail.Commands

open System.Text.Json
open LongTail
open LongTail.Core

/// What differs between two runs, side by side.
module SideBySide =
    let private widest = 60

    let private short (text: string) =
        let line = (text.Split '\n')[0]

        if line.Length > widest || line.Length < text.Length then
            $"{line[.. min widest line.Length - 1]}..."
        else
            line

    // When a run was made is no difference between runs.
    let private isTime path = path = "Started"

    /// A number with the digits that a person compares.
    let private brief (value: JsonElement option) =
        match value with
        | Some value when value.ValueKind = JsonValueKind.Number -> Digits.Brief(value.GetDouble(), 6)
        | other -> short (Leaves.text other)

    // Of lists, such as an epoch's loss, only their likeness is of use.
    let private isListed (path: string) = path.Contains '['

    /// The settings stand in the words of a script.
    let private settings store hash =
        Store.written store hash |> List.map (fun (part, said) -> part, (said, said))

    let private leaves value =
        [
            for path, value in Leaves.ofJson value do
                path, (Leaves.text (Some value), brief (Some value))
        ]

    let private result store hash =
        Store.result store hash
        |> Option.map (JsonSerializer.SerializeToElement >> leaves)
        |> Option.defaultValue []

    /// Part, path and the two values. Lists and what is alike are left out unless all is asked for.
    let rows all store a b =
        [
            for part, read in
                [
                    "settings", settings store
                    "environment", Store.environment store >> leaves
                    "result", result store
                ] do
                let first, second = read a, read b
                let firsts, seconds = Map first, Map second

                for path in first @ second |> List.map fst |> List.distinct do
                    let value found =
                        Map.tryFind path found |> Option.defaultValue ("-", "-")

                    let (whole, x), (other, y) = value firsts, value seconds

                    if all || (whole <> other && not (isListed path || isTime path)) then
                        part, path, x, y
        ]

    let table a b rows =
        rows
        |> List.map (fun (part, path, x, y) -> [ part; path; x; y ])
        |> Grid.table [ "of"; "path"; a; b ] []

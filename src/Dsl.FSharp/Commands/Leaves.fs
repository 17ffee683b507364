namespace LongTail.Commands

open System.Text.Json

/// Nested values as a flat list: each by its path, as in Optimizer.Base.LearningRate.
module Leaves =
    let rec private walk (path: string) (value: JsonElement) =
        [
            match value.ValueKind with
            | JsonValueKind.Object ->
                for inner in value.EnumerateObject() do
                    yield! walk (if path = "" then inner.Name else $"{path}.{inner.Name}") inner.Value
            | JsonValueKind.Array ->
                for index, inner in Seq.indexed (value.EnumerateArray()) do
                    yield! walk $"{path}[{index}]" inner
            | _ -> path, value
        ]

    let ofJson value = walk "" value

    /// A value as people read it; what is absent is a dash.
    let text (value: JsonElement option) =
        match value with
        | Some value when value.ValueKind <> JsonValueKind.Null -> value.ToString()
        | _ -> "-"

    /// The paths that are not in all with the same value, in the order in which they are first met.
    let differing (all: (string * JsonElement) list list) =
        // What is said to be nothing and what is not said are one.
        let leaves =
            List.concat all
            |> List.filter (fun (_, value) -> value.ValueKind <> JsonValueKind.Null)

        let alike =
            leaves
            |> List.countBy (fun (path, value) -> struct (path, value.GetRawText()))
            |> List.filter (fun (_, count) -> count = all.Length)
            |> List.map (fun (struct (path, _), _) -> path)

        leaves |> List.map fst |> List.distinct |> List.except alike

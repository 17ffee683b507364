namespace LongTail

open System
open System.Collections.Generic

/// The part of a sweep that a person asks for.
module Selection =
    let private same (a: string) (b: string) =
        a.Equals(b, StringComparison.OrdinalIgnoreCase)

    /// What a setting is called on each axis; its seed is one more.
    let private called (setting: Setting) =
        setting.Labels @ [ "seed", string setting.Experiment.Seed ]

    let private condition axes (text: string) =
        let listed values = String.concat ", " values

        match text.Split('=', 2) |> Array.map _.Trim() with
        | [| axis; value |] ->
            match axes |> List.tryFind (fst >> same axis) with
            | None -> Error $"--where {text}: there is no axis {axis}; there is {listed (List.map fst axes)}"
            | Some(name, values) when values |> List.exists (same value) -> Ok(name, value)
            | Some(name, values) -> Error $"--where {text}: no run has this {name}; there is {listed values}"
        | _ -> Error $"--where {text}: say AXIS=VALUE; there is {listed (List.map fst axes)}"

    /// The settings that have, on each axis named, one of the values named for it.
    let where (texts: string list) sweep : Result<Sweep, string list> =
        let settings = Sweep.settings sweep

        let axes =
            if texts.IsEmpty then
                []
            else
                settings
                |> List.collect called
                |> List.distinct
                |> List.groupBy fst
                |> List.map (fun (axis, values) -> axis, List.map snd values)

        let read = texts |> List.map (condition axes)

        match
            read
            |> List.choose (function
                | Error fault -> Some fault
                | Ok _ -> None)
        with
        | [] ->
            let wanted = read |> List.choose Result.toOption |> List.groupBy fst

            let has setting (axis, values) =
                called setting
                |> List.exists (fun (name, value) -> name = axis && values |> List.exists (snd >> same value))

            let kept =
                settings
                |> List.filter (fun setting -> wanted |> List.forall (has setting))
                |> List.map _.Experiment
                |> HashSet

            Ok(sweep |> Sweep.where kept.Contains)
        | faults -> Error faults

    /// Whether a run is meant by the beginning of its hash or a part of its name.
    let names (text: string) (hash: string) (label: string) =
        hash.StartsWith(text, StringComparison.OrdinalIgnoreCase)
        || label.Contains(text, StringComparison.OrdinalIgnoreCase)

    /// The plan's runs that are so named.
    let only text plan : Result<Plan, string list> =
        match plan.Runs |> List.filter (fun run -> names text run.Hash run.Label) with
        | [] ->
            Error
                [
                    $"--only {text}: none of the {plan.Runs.Length} runs has this in its name, or begins its hash with it"
                ]
        | runs ->
            let kept = runs |> List.map _.Hash |> set

            Ok
                { plan with
                    Runs = runs
                    Cells = plan.Cells |> List.filter (fun (_, hash) -> kept.Contains hash)
                }

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

    let private condition option (axes: (string * string list) list) (text: string) : Result<string * string, string> =
        let listed values = String.concat ", " values

        match text.Split('=', 2) |> Array.map _.Trim() with
        | [| axis; value |] when axis <> "" && value <> "" ->
            match axes |> List.tryFind (fst >> same axis) with
            | None -> Error $"{option} {text}: there is no axis {axis}; there is {listed (List.map fst axes)}"
            | Some(name, values) ->
                match values |> List.tryFind (same value) with
                | Some value -> Ok(name, value)
                | None -> Error $"{option} {text}: no run has this {name}; there is {listed values}"
        | _ -> Error $"{option} {text}: say AXIS=VALUE; there is {listed (List.map fst axes)}"

    /// AXIS=VALUE each, as an option says them, by the names and values that there are; or all that is wrong with them.
    let conditions option axes (texts: string list) : Result<(string * string) list, string list> =
        let read = texts |> List.map (condition option axes)

        match
            read
            |> List.choose (function
                | Error fault -> Some fault
                | Ok _ -> None)
        with
        | [] -> Ok(read |> List.choose Result.toOption)
        | faults -> Error faults

    /// The settings that have, on each axis named, one of the values named for it, and those that have not.
    let where (texts: string list) sweep : Result<Sweep * Setting list, string list> =
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

        match conditions "--where" axes texts with
        | Ok wanted ->
            let wanted = List.groupBy fst wanted

            let has setting (axis, values) =
                called setting
                |> List.exists (fun (name, value) -> name = axis && values |> List.exists (snd >> same value))

            let kept, others =
                settings |> List.partition (fun setting -> wanted |> List.forall (has setting))

            let kept = kept |> List.map _.Experiment |> HashSet
            Ok(sweep |> Sweep.where kept.Contains, others)
        | Error faults -> Error faults

    /// Whether a run is meant by the beginning of its hash or a part of its name.
    let names (text: string) (hash: string) (label: string) =
        hash.StartsWith(text, StringComparison.OrdinalIgnoreCase)
        || label.Contains(text, StringComparison.OrdinalIgnoreCase)

    /// In a line, that none of so many runs is.
    let nobody text count =
        $"--only {text}: none of the {count} runs has this in its name, or begins its hash with it"

    /// The plan's runs that are so named.
    let only text plan : Result<Plan, string list> =
        match plan.Runs |> List.filter (fun run -> names text run.Hash run.Label) with
        | [] -> Error [ nobody text plan.Runs.Length ]
        | runs ->
            let kept = runs |> List.map _.Hash |> set

            // What a run is held against comes with it.
            let frozen = plan.Frozen |> Map.filter (fun hash _ -> kept.Contains hash)
            let beside = set frozen.Values

            let cells, others =
                plan.Cells |> List.partition (fun (_, hash) -> kept.Contains hash)

            Ok
                { plan with
                    Runs =
                        plan.Runs
                        |> List.filter (fun run -> kept.Contains run.Hash || beside.Contains run.Hash)
                    Frozen = frozen
                    Cells = cells
                    LeftOut = plan.LeftOut @ List.map fst others
                }

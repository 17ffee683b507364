namespace LongTail.Reports

open System.Collections.Generic
open LongTail

/// What settings are compared with.
type Baseline =
    /// Each with the one that has these values on these axes and is equal on the others.
    | Having of (string * string) list
    /// Each with the one that differs in having no perturbation.
    | WithoutPerturbation

module Baseline =
    /// The axes of the table, each with its values, in their order.
    let private axes (contenders: Contender list) =
        contenders
        |> List.collect _.Labels
        |> List.distinct
        |> List.groupBy fst
        |> List.map (fun (axis, values) -> axis, List.map snd values)

    /// As a person says it, or all that is wrong with that.
    let ofWords words contenders =
        Selection.conditions "--baseline" (axes contenders) words
        |> Result.bind (fun values ->
            match values |> List.countBy fst |> List.filter (fun (_, times) -> times > 1) with
            | [] -> Ok(Having values)
            | twice ->
                Error
                    [
                        for axis, _ in twice -> $"--baseline: {axis} is said twice; a baseline has one value of it"
                    ])

    /// Whether settings that differ only on this axis are judged on the same images.
    let private compares (contenders: Contender list) axis =
        contenders
        |> List.groupBy (fun contender -> contender.Labels |> List.filter (fun (other, _) -> other <> axis))
        |> List.forall (fun (_, those) -> those |> List.distinctBy Contender.judgedOn |> List.length = 1)

    /// An axis whose every value is judged on one set of images, and the first of its values.
    let telling (contenders: Contender list) =
        axes contenders
        |> List.tryFind (fun (axis, values) ->
            values.Length > 1
            && values
               |> List.forall (fun value ->
                   contenders
                   |> List.filter (fun contender -> List.contains (axis, value) contender.Labels)
                   |> List.distinctBy Contender.judgedOn
                   |> List.length
                       =
                       1))
        |> Option.map (fun (axis, values) -> axis, values.Head)

    /// The first value of the first axis that a sweep varies, and whose settings compare.
    let ofSweep contenders =
        match
            axes contenders
            |> List.tryFind (fun (axis, values) -> values.Length > 1 && compares contenders axis)
        with
        | Some(axis, values) -> Having [ axis, values.Head ]
        | None -> WithoutPerturbation

    let words baseline =
        match baseline with
        | Having values ->
            values
            |> List.map (fun (axis, value) -> $"{axis}={value}")
            |> String.concat ", "
        | WithoutPerturbation -> "the same setting without perturbation"

    /// Finds what a setting is compared with; None of a baseline itself, and where there is no such setting.
    let partners baseline (contenders: Contender list) =
        let twin =
            match baseline with
            | WithoutPerturbation -> Contender.plainOf contenders
            | Having values ->
                let values = Map values
                let known = Dictionary()
                contenders |> List.iter (fun c -> known.TryAdd(c.Labels, c) |> ignore)

                fun contender ->
                    let wanted =
                        contender.Labels
                        |> List.map (fun (axis, value) -> axis, values |> Map.tryFind axis |> Option.defaultValue value)

                    match known.TryGetValue wanted with
                    | true, found -> Some found
                    | _ -> None

        fun contender -> twin contender |> Option.filter (fun found -> found.Labels <> contender.Labels)

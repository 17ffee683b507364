namespace LongTail

open System.Text.RegularExpressions
open Microsoft.FSharp.Reflection
open LongTail.Core.Settings

/// The numbers of an experiment, each called as its rule calls it.
module internal Numbers =
    /// What type and field do not say in the person's words.
    let private said =
        Map
            [
                "Normalisation.Mean", "normalise mean"
                "Normalisation.Deviation", "normalise deviation"
                "Dropout.Rate", "dropout"
                "Loss.Scale", "loss scale"
                "Loss.PostHoc", "post-hoc tau"
                "GaussianClouded.margin", "gcl margin"
                "GaussianClouded.noise", "gcl noise"
                "Ldam.largestMargin", "ldam margin"
                "Power.exponent", "smoothing power"
                "Smoothing.Largest", "smoothing"
                "Smoothing.Smallest", "smoothing"
                "Focal.Gamma", "focal gamma"
                "Factors.Rate", "rate factor"
                "Factors.Radius", "radius factor"
                "Optimizer.Clip", "clip norm"
                "Optimizer.Average", "average decay"
                "ClassPower.power", "sampling power"
                "EffectiveNumber.beta", "sampling beta"
            ]

    /// "LearningRate" as "learning rate".
    let private spaced name =
        Regex.Replace(name, "(?<!^)[A-Z]", " $0").ToLowerInvariant()

    let private lowered (name: string) =
        string (System.Char.ToLowerInvariant name[0]) + name[1..]

    /// Whatever is a record, a union or an option is looked into: a field added later is found too.
    let rec private within word (value: objnull) : (string * float) list =
        let fields owner name values =
            values
            |> List.collect (fun (field: string, value) ->
                let word = said |> Map.tryFind $"{owner}.{field}"
                within (defaultArg word (name field)) value)

        match value with
        | null -> []
        | :? float as number -> [ word, number ]
        | :? Rgb as rgb -> [ rgb.Red; rgb.Green; rgb.Blue ] |> List.map (fun number -> word, number)
        | value when FSharpType.IsRecord(value.GetType()) ->
            let kind = value.GetType()

            FSharpType.GetRecordFields kind
            |> Seq.map (fun field -> field.Name, field.GetValue value)
            |> List.ofSeq
            |> fields kind.Name spaced
        | value when FSharpType.IsUnion(value.GetType()) ->
            let case, values = FSharpValue.GetUnionFields(value, value.GetType())

            if case.Name = "Some" then
                within word values[0]
            else
                Seq.zip (case.GetFields() |> Seq.map _.Name) values
                |> List.ofSeq
                |> fields case.Name (fun field -> $"{lowered case.Name} {spaced field}")
        | _ -> []

    /// Every number with its name.
    let all (e: Experiment) = within "" e

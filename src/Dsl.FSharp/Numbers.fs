namespace LongTail

open System
open System.Collections.Concurrent
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

    let private wordOf owner name field =
        said
        |> Map.tryFind $"{owner}.{field}"
        |> Option.defaultWith (fun () -> name field)

    /// How a type's values are read, found out once: a sweep has thousands of them.
    let private readers =
        ConcurrentDictionary<Type, string -> obj -> (string * float) list>()

    let rec private within word (value: objnull) =
        match value with
        | null -> []
        | value -> (readers.GetOrAdd(value.GetType(), Func<_, _>(readerOf))) word value

    and private each words (values: objnull array) =
        List.concat (Seq.map2 within words values)

    /// Whatever is a record, a union or an option is looked into: a field added later is found too.
    and private readerOf (kind: Type) : string -> obj -> (string * float) list =
        if kind = typeof<float> then
            fun word value -> [ word, unbox value ]
        elif kind = typeof<Rgb> then
            fun word value ->
                let rgb: Rgb = unbox value
                [ rgb.Red; rgb.Green; rgb.Blue ] |> List.map (fun number -> word, number)
        elif FSharpType.IsRecord kind then
            let read = FSharpValue.PreComputeRecordReader kind

            let words =
                FSharpType.GetRecordFields kind |> Array.map (_.Name >> wordOf kind.Name spaced)

            fun _ value -> each words (read value)
        elif FSharpType.IsUnion kind then
            let tagOf = FSharpValue.PreComputeUnionTagReader kind

            let cases =
                FSharpType.GetUnionCases kind
                |> Array.map (fun case ->
                    let words =
                        case.GetFields()
                        |> Array.map (_.Name >> wordOf case.Name (fun field -> $"{lowered case.Name} {spaced field}"))

                    case.Name, words, FSharpValue.PreComputeUnionReader case)

            fun word value ->
                match cases[tagOf value] with
                | "Some", _, read -> each [ word ] (read value)
                | _, words, read -> each words (read value)
        else
            fun _ _ -> []

    /// Every number with its name.
    let all (e: Experiment) = within "" e

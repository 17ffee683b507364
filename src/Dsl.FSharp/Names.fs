namespace LongTail

open System
open System.Collections
open System.Globalization
open System.IO
open System.Reflection
open System.Text.RegularExpressions
open Microsoft.FSharp.Reflection
open LongTail.Core
open LongTail.Core.Settings

/// What parts of an experiment are called in a table: as short as a row wants it, and with all numbers, where the short
/// names do not tell the values apart.
module internal Names =
    type Length =
        | Brief
        | Full

    let private n = Digits.Text

    /// Whether a word says no more than a number.
    let isNumber (word: string) =
        Regex.IsMatch(word, @"^[-+]?[\d.]+(e-?\d+)?$")

    /// A value's word where no column names its axis: a number stands behind the axis's name.
    let told (axis, word) =
        if isNumber word then $"{axis} {word}" else word

    /// "ClassMeans" as "class means".
    let private spaced name =
        Regex.Replace(name, "(?<!^)(?<! )[A-Z]", " $0").ToLowerInvariant()

    /// A name, and behind it its numbers where they are wanted.
    let private numbered length name (numbers: string) =
        match length with
        | Full when numbers <> "" -> $"{name} {numbers}"
        | _ -> name

    let private perturbation length perturbation =
        match perturbation with
        | Gnm(radius, halving, literal) ->
            let halves =
                match halving with
                | WithReweighting -> ""
                | Every epochs -> $", halved every {epochs}"
                | Never -> ", never halved"
                | PublishedOff -> ", doubled every epoch"

            numbered length "gnm" ($"{n radius}{halves}" + if literal then ", literal" else "")
        | Sam rho -> numbered length "sam" $"{n rho}"
        | Asam rho -> numbered length "asam" $"{n rho}"
        | ImbSam(rho, tailBelow) -> numbered length "imbsam" $"{n rho} below {tailBelow}"
        | FocalSam(rho, gamma, sharpness) ->
            numbered length "focal-sam" $"{n rho} gamma={n gamma} sharpness={n sharpness}"
        | LpfSgd(deviation, draws, growth) ->
            numbered
                length
                "lpf-sgd"
                ($"{n deviation} draws={draws}"
                 + if growth = 1. then "" else $" growth={n growth}")
        | Rwp(deviation, mix) -> numbered length "rwp" $"{n deviation} mix={n mix}"

    let optimizer length (e: Experiment) =
        match e.Optimizer.Perturbation, e.Optimizer.Base with
        | Some p, _ -> perturbation length p
        | None, Sgd -> "sgd"
        | None, AdamW -> "adamw"

    let private smoothing smoothing =
        let curve =
            match smoothing.Curve with
            | Concave -> "concave"
            | Linear -> "linear"
            | Convex -> "convex"
            | Power exponent -> $"power {n exponent}"

        $"{curve} {n smoothing.Largest} to {n smoothing.Smallest}"

    let loss length (e: Experiment) =
        let loss = e.Loss

        let scale = loss.Scale |> Option.map (fun s -> $"s={n s}") |> Option.defaultValue ""

        let kind =
            match loss.Kind with
            | CrossEntropy -> numbered length "CE" scale
            | GaussianClouded(margin, noise) -> numbered length "GCL" $"{scale} m={n margin} noise={n noise}"
            | Ldam(margin, unscaled) ->
                numbered length "LDAM" ($"{scale} m={n margin}" + if unscaled then ", unscaled" else "")
            | LogitAdjusted 1. -> numbered length "balanced softmax" scale
            | LogitAdjusted tau -> numbered length "LA" ($"{scale} tau={n tau}".TrimStart())

        [
            kind
            match loss.Smoothing with
            | Some s when s.Largest = s.Smallest -> numbered length "LS" $"{n s.Largest}"
            | Some s -> numbered length "LAS" (smoothing s)
            | None -> ()
            match loss.Focal with
            | Some f -> numbered length "focal" ($"{n f.Gamma}" + if f.OfWeighted then " of weighted" else "")
            | None -> ()
            match loss.Reweighting with
            | Some r when r.From = 0<epoch> -> numbered length "CB" $"beta={n r.Beta}"
            | Some r -> numbered length "DRW" $"from {r.From} beta={n r.Beta}"
            | None -> ()
            match loss.PostHoc with
            | Some tau -> numbered length "LA post hoc" $"tau={n tau}"
            | None -> ()
        ]
        |> String.concat "+"

    let rec private sampler length sampling =
        match sampling with
        | Sampling.Instance -> "instance"
        | Sampling.ClassPower 0. -> "class-balanced"
        | Sampling.ClassPower 0.5 -> "square-root"
        | Sampling.ClassPower power -> $"power {n power}"
        | Sampling.Progressive -> "progressive"
        | Sampling.EffectiveNumber beta -> numbered length "effective number" $"beta={n beta}"
        | Sampling.ClassAware perClass -> numbered length "class-aware" $"{perClass}"
        | Sampling.Deferred(before, from, after) ->
            numbered length $"{sampler length before}, then {sampler length after}" $"from {from}"

    let sampling length (e: Experiment) = sampler length e.Sampling

    /// Largest over smallest class that the set is cut to. Of files that are not, only their counts tell.
    let imbalance (e: Experiment) =
        if Dataset.isAsItIs e.Dataset then
            "as it is"
        else
            n e.Dataset.ImbalanceFactor

    let dataset length (e: Experiment) =
        let d = e.Dataset

        let profile =
            match d.Profile with
            | _ when Dataset.isAsItIs d -> ""
            | ImbalanceProfile.Step -> "step IF "
            | _ -> "IF "

        let most = if Dataset.isAsItIs d then "at most " else ""

        let images =
            d.ImagesPerClass
            |> Option.map (fun count -> $", {most}{count} a class")
            |> Option.defaultValue ""

        let files =
            [
                d.Packed |> Option.map (fun side -> $", packed {side}")
                if d.Broken = BrokenImages.Skip then
                    Some ", broken ones skipped"
            ]
            |> List.choose id
            |> String.concat ""

        numbered length (Dataset.name d) $"{profile}{imbalance e}{images}{files}"

    let input length (e: Experiment) =
        let transform transform =
            let numbers =
                match transform with
                | Transform.Flip -> ""
                | Transform.AutoAugment policy -> $"{policy}"
                | Transform.RandomResizedCrop(side, area, aspect) -> $"{side} area={area} aspect={aspect}"
                | Transform.RandAugment(operations, magnitude) -> $"{operations} {magnitude}"
                | Transform.ColourJitter(brightness, contrast, saturation) ->
                    $"{n brightness} {n contrast} {n saturation}"
                | Transform.Crop number
                | Transform.Cutout number
                | Transform.Resize number
                | Transform.ResizeShort number
                | Transform.CentreCrop number -> $"{number}"

            numbered length (Transform.name transform) numbers

        let list = List.map transform >> String.concat ", "

        let test =
            match e.Input.Test with
            | Some test when length = Full -> [ $"testing {list test}" ]
            | _ -> []

        let rgb (rgb: Rgb) =
            $"{n rgb.Red} {n rgb.Green} {n rgb.Blue}"

        [
            match e.Input.Train with
            | [] -> "as decoded"
            | train -> list train
            yield! test
            if length = Full then
                $"normalise {rgb e.Input.Normalisation.Mean} / {rgb e.Input.Normalisation.Deviation}"
        ]
        |> String.concat "; "

    let model length (e: Experiment) =
        let m = e.Model

        let backbone =
            match m.Backbone with
            | Pretrained file -> string (Path.GetFileNameWithoutExtension file)
            | Drawn shape -> $"drawn {shape.Depth} x {shape.Width}"

        let backbone =
            match m.Activation with
            | Some activation -> $"{backbone} {activation}"
            | None -> backbone

        let backbone =
            match m.Heads with
            | Some heads -> $"{backbone} {heads} heads"
            | None -> backbone

        let precision =
            match m.Precision with
            | Precision.BFloat16 -> ", bfloat16"
            | _ -> ""

        let parts =
            [ $"{m.Head} head"; $"{m.HeadInitial}"; $"{m.Tuning}" ]
            |> List.map spaced
            |> String.concat ", "

        numbered length backbone $"{m.PromptLength} prompts, {parts}{precision}"

    // A script's own types may be private.
    let private any = BindingFlags.Public ||| BindingFlags.NonPublic

    /// Any value of an experiment in a line, as a person writes it.
    let rec value length (e: Experiment) (shown: objnull) : string =
        let several values =
            values
            |> List.map (value length e)
            |> List.filter ((<>) "")
            |> String.concat " "

        match shown with
        | null -> "none"
        | :? string as text -> text
        | :? float as number -> n number
        | :? Dataset as value -> dataset length { e with Dataset = value }
        | :? Input as value -> input length { e with Input = value }
        | :? Model as value -> model length { e with Model = value }
        | :? Loss as value -> loss length { e with Loss = value }
        | :? Optimizer as value -> optimizer length { e with Optimizer = value }
        | :? Sampling as value -> sampler length value
        | :? Perturbation as value -> perturbation length value
        | :? Said -> ""
        | :? Enum as case -> spaced (string case)
        | :? IFormattable as number -> number.ToString(null, CultureInfo.InvariantCulture)
        | :? IEnumerable as list -> [ for item in list -> value length e item ] |> String.concat ", "
        | other ->
            let kind = other.GetType()

            if FSharpType.IsTuple kind then
                several (List.ofArray (FSharpValue.GetTupleFields other))
            elif FSharpType.IsRecord(kind, any) then
                [
                    for field in FSharpType.GetRecordFields(kind, any) do
                        match value length e (field.GetValue other) with
                        | "" -> ()
                        | text -> $"{spaced field.Name} {text}"
                ]
                |> String.concat ", "
            elif FSharpType.IsUnion(kind, any) then
                match FSharpValue.GetUnionFields(other, kind, any) with
                | case, fields when case.Name = "Some" -> several (List.ofArray fields)
                | case, fields ->
                    spaced case.Name :: [ several (List.ofArray fields) ]
                    |> String.concat " "
                    |> _.Trim()
            else
                string other

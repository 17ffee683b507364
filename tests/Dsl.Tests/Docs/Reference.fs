/// Every keyword of the language, from its type and its doc comment.
module LongTail.Tests.Docs.Reference

open System
open System.IO
open System.Reflection
open System.Text.RegularExpressions
open System.Xml.Linq
open FSharp.Reflection
open LongTail

type Keyword =
    {
        Name: string
        /// As the compiler would show it.
        Signature: string
        /// None where the source says nothing of it.
        Summary: string option
    }

/// Keywords of one file, under its title.
type Section =
    {
        Title: string
        Keywords: Keyword list
    }

let private language = typeof<Experiment>.Assembly

// What a script says, in the order in which it says it.
let private sections =
    [
        "An experiment", "LongTail.Experiments"
        "Its parts", $"LongTail.{nameof ExperimentBuilder}"
        "Data sets", "LongTail.Datasets"
        "Input", "LongTail.Inputs"
        "Models", "LongTail.Models"
        "Losses", "LongTail.Losses"
        "Optimizers and perturbations", "LongTail.Optimizers"
        "Schedules", "LongTail.Schedules"
        "Samplers", "LongTail.Samplings"
        "Evaluation", "LongTail.Evaluations"
        "Head, medium and tail", "LongTail.Groupings"
        "Sweeps", "LongTail.Sweeps"
        "Scores", "LongTail.Scores"
        "Axes", "LongTail.Axes"
        "Variations", "LongTail.Variations"
        "Functions on sweeps", "LongTail.SweepModule"
        "Behind a run", "LongTail.Scripts"
        "Questions", "LongTail.Contrasts"
        "Published tables", "LongTail.PublishedTables"
    ]

/// Modules that scripts have open and that say something: the reference must have a place for each.
let private openModules () =
    [
        for kind in language.GetTypes() do
            let opened = not (isNull (kind.GetCustomAttribute<AutoOpenAttribute>()))

            let says =
                kind.GetMethods(BindingFlags.Static ||| BindingFlags.Public)
                |> Array.exists (fun how -> not (how.Name.StartsWith '|'))

            if kind.IsPublic && opened && says then
                string kind.FullName
    ]

let private summaries =
    lazy
        (let file = Path.ChangeExtension(language.Location, ".xml")

         dict
             [
                 for entry in XDocument.Load(string file).Descendants(XName.Get "member") do
                     let name = (nonNull (entry.Attribute(XName.Get "name"))).Value
                     let key = Regex.Match(name, @"^[MPT]:([\w.]+)").Groups[1].Value
                     let text = Regex.Replace(entry.Value, @"\s+", " ").Trim()

                     if key <> "" then
                         key, text
             ])

let private short =
    dict
        [
            typeof<float>, "float"
            typeof<int>, "int"
            typeof<int64>, "int64"
            typeof<string>, "string"
            typeof<bool>, "bool"
            typeof<obj>, "obj"
            typeof<unit>, "unit"
            typeof<Void>, "unit"
        ]

let rec private show (kind: Type) =
    let arguments () =
        kind.GetGenericArguments() |> Array.map show

    if kind.IsGenericParameter then
        $"'{kind.Name.ToLowerInvariant()}"
    elif short.ContainsKey kind then
        short[kind]
    elif FSharpType.IsFunction kind then
        let domain, range = FSharpType.GetFunctionElements kind
        $"({show domain} -> {show range})"
    elif FSharpType.IsTuple kind then
        let parts =
            FSharpType.GetTupleElements kind |> Array.map show |> String.concat " * "

        $"({parts})"
    elif kind.IsGenericType then
        let name = Regex.Replace(kind.Name, "`.*|FSharp", "")

        if name = "List" || name = "Option" then
            $"{arguments () |> Array.exactlyOne} {name.ToLowerInvariant()}"
        else
            let inner = arguments () |> String.concat ", "
            $"{name}<{inner}>"
    else
        kind.Name

let private ofMethod (how: MethodInfo) =
    let said =
        [
            for parameter in how.GetParameters() do
                $"{parameter.Name}: {show parameter.ParameterType}"
        ]

    match how.GetCustomAttribute<CustomOperationAttribute>() with
    | null -> how.Name, String.concat " -> " (said @ [ show how.ReturnType ])
    // An operation's first parameter is what was said before it, and what it gives goes to the next one.
    | operation -> operation.Name, String.concat " -> " (List.tail said)

let private isSaid (place: Type) (found: MemberInfo) =
    match found with
    | :? MethodInfo as how when place = typeof<ExperimentBuilder> ->
        not (isNull (how.GetCustomAttribute<CustomOperationAttribute>()))
    | :? MethodInfo as how -> how.IsStatic && not how.IsSpecialName
    | :? PropertyInfo -> place <> typeof<ExperimentBuilder>
    | _ -> false

/// A module that scripts do not have open is said before its functions.
let private written (place: Type) name =
    let opened = not (isNull (place.GetCustomAttribute<AutoOpenAttribute>()))

    if opened || place = typeof<ExperimentBuilder> then
        name
    else
        let qualifier = Regex.Replace(place.Name, "Module$", "")
        $"{qualifier}.{name}"

let private keyword (place: Type) (found: MemberInfo) =
    let name, signature =
        match found with
        | :? MethodInfo as how -> ofMethod how
        | found -> found.Name, show (found :?> PropertyInfo).PropertyType

    {
        Name = written place name
        Signature = signature
        Summary =
            match summaries.Value.TryGetValue $"{place.FullName}.{found.Name}" with
            | true, text -> Some text
            | _ -> None
    }

/// What a keyword is given and what it gives.
let private types (place: Type) =
    [
        for found in place.GetMembers(BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.DeclaredOnly) do
            match found with
            | :? MethodInfo as how when isSaid place how ->
                [ for parameter in how.GetParameters() -> parameter.ParameterType ], how.ReturnType
            | :? PropertyInfo as property -> [], property.PropertyType
            | _ -> ()
    ]

/// Records and unions of the language that a keyword takes and that none gives: a script writes their fields and cases.
let private values =
    lazy
        (let said =
            sections
            |> List.collect (fun (_, name) -> types (nonNull (language.GetType name)))

         let given = said |> List.map snd |> List.distinct

         [
             for kind in said |> List.collect fst |> List.distinct |> List.except given do
                 let ours = kind.Assembly = language && not kind.IsGenericType

                 let row name signature key =
                     {
                         Name = name
                         Signature = signature
                         Summary =
                             summaries.Value
                             |> Seq.tryPick (fun entry -> if entry.Key = key then Some entry.Value else None)
                     }

                 let typed (field: PropertyInfo) =
                     $"{field.Name}: {show field.PropertyType}"

                 if ours && FSharpType.IsRecord kind then
                     for field in FSharpType.GetRecordFields kind do
                         row $"{kind.Name}.{field.Name}" (show field.PropertyType) $"{kind.FullName}.{field.Name}"
                 elif ours && FSharpType.IsUnion kind then
                     for case in FSharpType.GetUnionCases kind do
                         let fields = case.GetFields() |> Array.map typed |> String.concat " -> "

                         let signature =
                             if fields = "" then
                                 kind.Name
                             else
                                 $"{fields} -> {kind.Name}"

                         row case.Name signature $"{kind.FullName}.{case.Name}"
         ])

let all =
    lazy
        [
            for title, name in sections do
                let place = nonNull (language.GetType name)

                {
                    Title = title
                    Keywords =
                        place.GetMembers(
                            BindingFlags.Public
                            ||| BindingFlags.Static
                            ||| BindingFlags.Instance
                            ||| BindingFlags.DeclaredOnly
                        )
                        |> Array.filter (isSaid place)
                        |> Array.sortBy _.MetadataToken
                        |> Array.map (keyword place)
                        |> List.ofArray
                }
            {
                Title = "Fields and cases"
                Keywords = values.Value
            }
        ]

/// Names of the language's modules that no section has.
let forgotten = lazy (openModules () |> List.except (List.map snd sections))

let private row keyword =
    let summary = Option.defaultValue "" keyword.Summary
    // The sources' own notes, which no clone holds.
    let text = Regex.Replace(summary, @" \(method\.md [\d.]+\)", "").Replace("|", @"\|")
    $"| `{keyword.Name}` | `{keyword.Signature}` | {text} |"

let page () =
    [
        "# Every keyword"
        ""
        "Made from the sources' doc comments by the tests (`LONGTAIL_APPROVE=1 dotnet fsi build.fsx test reference` writes it anew)."
        "`a -> b` is what a keyword takes and what it gives; what it takes last is what `|>` hands to it."
        "Epochs have a unit: `70<epoch>`."
        for section in all.Value do
            ""
            $"## {section.Title}"
            ""
            "| keyword | takes and gives | what it says |"
            "|---|---|---|"
            yield! List.map row section.Keywords
    ]
    |> List.map (fun line -> line + "\n")
    |> String.concat ""

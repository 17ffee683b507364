namespace LongTail.Commands

open System.IO
open System.Reflection
open System.Text.RegularExpressions
open LongTail

/// What the F# compiler's errors mean in the words of the language, a line each.
module internal CompilerWords =
    /// What the compiler says of parts that are forgotten or said twice only by the types of the experiment.
    let private parts output =
        let pattern =
            @"\((\d+),\d+\): error FS0193:[^']*'Draft<([\w,]+)>'[^']*'Draft<([\w,]+)>'"

        [
            for found in Regex.Matches(output, pattern) do
                let places (group: int) = found.Groups[group].Value.Split ','

                for said, wanted in Array.zip (places 2) (places 3) do
                    if said = nameof Missing && wanted <> said then
                        $"line {found.Groups[1]}: the experiment does not say its {wanted.ToLowerInvariant()}"
                    elif wanted = nameof Missing && said <> wanted then
                        $"line {found.Groups[1]}: the experiment says its {said.ToLowerInvariant()} twice"
        ]

    /// How to load the language, where the script does not.
    let private loading (output: string) =
        let language =
            Path.Combine(Repository.root System.AppContext.BaseDirectory, "experiments", "longtail.fsx")

        let unknown =
            Regex.IsMatch(output, @"'experiment' is not defined|error FS0079:[^\n]*longtail\.fsx")

        if unknown && File.Exists language then
            [ $"a script begins with `#load \"{language}\"` and `open LongTail`" ]
        else
            []

    let private shared = BindingFlags.Public ||| BindingFlags.Static

    let private opened =
        lazy
            (typeof<Experiment>.Assembly.GetExportedTypes()
             |> Array.filter (fun kind -> kind.IsSealed && kind.IsDefined(typeof<AutoOpenAttribute>, false))
             |> List.ofArray)

    /// All that a script can say.
    let private names =
        lazy
            [
                for kind in opened.Value do
                    for found in kind.GetMembers shared do
                        match found with
                        | :? PropertyInfo -> found.Name
                        | :? MethodInfo as code when not code.IsSpecialName -> code.Name
                        | _ -> ()
            ]

    let private axes =
        lazy
            [
                for kind in opened.Value do
                    for found in kind.GetProperties shared do
                        if found.PropertyType.Name = typedefof<Axis<_>>.Name then
                            match found.PropertyType.GetProperty("Naming") with
                            | null -> ()
                            | naming -> unbox<Naming>(naming.GetValue(found.GetValue null))
            ]

    /// Names that the compiler does not know, by what a person may have meant; an axis may be called as a table calls it.
    let private unknown output =
        let pattern =
            @"(?m)^(.+)\((\d+),(\d+)\): error FS(?:0039: The value or constructor|0800:|1133:)"

        [
            for found in Regex.Matches(output, pattern) do
                let part (group: int) = found.Groups[group].Value
                let number, column = int (part 2), int (part 3)
                let line = File.ReadAllLines(part 1)[number - 1]
                let word = Regex.Match(line[column - 1 ..], @"^\w+").Value
                let axes = axes.Value

                let asAxis =
                    Regex.IsMatch(line[.. column - 2], @"\b(vary|values|overriding|contrast)\s+$")

                let meant =
                    axes
                    |> List.tryFind (fun naming -> asAxis && naming.Axis = word.ToLowerInvariant())
                    |> Option.map _.Word
                    |> Option.orElseWith (fun () ->
                        word |> Guess.nearest (if asAxis then List.map _.Word axes else names.Value))

                match meant with
                | Some name when name <> word -> $"line {number}: the language has no {word}: say {name}"
                | None when asAxis ->
                    let there = axes |> List.map _.Word |> String.concat ", "
                    $"line {number}: {word} is no axis; there is {there}, and `axis` makes others"
                | _ -> ()
        ]

    let private values =
        [
            @"'Optimizer -> Optimizer'\s+but here has type\s+'Optimizer'",
            "a perturbation is what is around the optimizer, as none, gnm 0.005 or sam 0.05; an axis of your own varies the optimizer itself"
            @"'int<epoch>'\s+but here has type\s+'int'", "epochs are written with their unit, as in 4<epoch>"
        ]

    /// Values of another type than is wanted there.
    let private types output =
        [
            for pattern, advice in values do
                for found in
                    Regex.Matches(
                        output,
                        $@"\((\d+),\d+\): error FS0001: This expression was expected to have type\s+{pattern}"
                    ) do
                    $"line {found.Groups[1]}: {advice}"
        ]

    let all output =
        List.distinct (parts output @ loading output @ unknown output @ types output)

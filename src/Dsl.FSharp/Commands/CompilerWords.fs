namespace LongTail.Commands

open System.IO
open System.Reflection
open System.Text.RegularExpressions
open LongTail

/// What the F# compiler's errors mean in the words of the language, a line each.
module internal CompilerWords =
    /// What the compiler says of parts that are forgotten or said twice only by the types of the experiment.
    let private parts (output: string) =
        // A part whose parentheses are missing is not forgotten.
        let output = if Regex.IsMatch(output, "error FS3095") then "" else output

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

    /// How each part of an experiment begins.
    let private beginnings =
        Map
            [
                "Dataset", "a data set, as in Cifar100 |> longTailed 100."
                "Input", "decode, as in decode |> resizeShort 256 |> centreCrop 224"
                "Model", "vit, as in vit \"weights.safetensors\" |> deepPrompts 10"
                "Loss", "one of the losses, as in crossEntropy |> labelSmoothing 0.1"
                "Optimizer", "sgd or adamW, as in sgd 0.01 |> gnm 0.005"
                "Schedule", "cosine, as in cosine 70<epoch>"
            ]

    let private part = "(Dataset|Input|Model|Loss|Optimizer|Schedule)"

    let private lacksNumber _ =
        "a word lacks its number, as in gnm 0.005 or crop 4"

    let private beginsWith (kind: string) = $"this begins with {beginnings[kind]}"

    let private isJoined _ =
        "two words stand side by side: join them by |>, as in sgd 0.01 |> momentum 0.9; in a list separate them by semicolons"

    let private inParentheses (word: string) =
        $"what {word} takes stands in parentheses, as in {word} (...)"

    /// What the compiler says of a slip, and of its first group what to do; of each fault the first that fits counts.
    let private slips =
        [
            "expected to have type 'Optimizer -> Optimizer' but here has type 'Optimizer'",
            (fun _ ->
                "a perturbation is what is around the optimizer, as none, gnm 0.005 or sam 0.05; an axis of your own varies the optimizer itself")
            @"expected to have type 'int<epoch>' but here has type 'int'|The type '\w*epoch\w*' is not defined",
            (fun _ -> "epochs are written with their unit, as in 4<epoch>")
            "expected to have type 'int' but here has type 'float'",
            (fun _ -> "a whole number is written without a dot, as in 4")
            "expected to have type '(.+) list' but here has type '[\\w<>]+'",
            (fun _ -> "values stand in a list, as in [ 0; 1 ]")
            $"expected to have type '{part}' but here has type '\\1 -> \\1'", beginsWith
            $"Expecting a '\\({part} -> \\1\\) -> \\1 -> \\1' but given a '\\1 -> \\1'",
            (fun _ -> "words behind no beginning are joined by >>, as in testing (resizeShort 256 >> centreCrop 224)")
            $"Expecting a '\\({part} -> \\1\\) -> .*' but given a '\\1 -> \\1'", beginsWith
            $"Expecting a '{part} -> .*' but given a '[\\w<>]+ -> \\1 -> \\1'", lacksNumber
            $"Expecting a '\\([\\w<>]+ -> {part}\\) -> .*' but given a '\\1 -> \\1'", lacksNumber
            $"expected to have type '{part}' but here has type '[\\w<>]+ -> \\1'", lacksNumber
            $"first element, which here is 'float'. This element has type '{part}'", lacksNumber
            "FS3886:", (fun _ -> "values of a list are separated by semicolons, as in [ 0; 1 ]")
            "FS0003: .* It has type '(float|int)'",
            (fun _ -> "numbers of a list are separated by semicolons, as in [ 0.1; 0.2 ]")
            $"FS0003: .* It has type '({part}|Sweep)'|'Sweep' but here has type 'Sweep -> ", isJoined
            @"Expecting a '\(Sweep -> Sweep\) -> ",
            (fun _ -> "a line above is not joined to the sweep: begin it with |>, as in |> seeds [ 0; 1 ]")
            "FS3099: '(\\w+)' .* but given [2-9]", inParentheses
            "FS3095: '(\\w+)' is not used correctly", inParentheses
            "The type '(float|int)' does not match the type '\\1 -> ",
            (fun _ -> "a negative number is written in parentheses, as in gcl (-25.)")
            "FS0583: Unmatched", (fun _ -> "what is opened here is not closed")
        ]

    /// Each with its line, in one line.
    let private faults output =
        [
            for found in
                Regex.Matches(
                    output,
                    @"\((\d+),\d+\): \w+ (FS\d+: .*?)(?=\n[^\n]*\(\d+,\d+\): |\z)",
                    RegexOptions.Singleline
                ) -> found.Groups[1].Value, Regex.Replace(found.Groups[2].Value, @"\s+", " ")
        ]

    let private slipped output =
        [
            for line, fault in faults output do
                match
                    slips
                    |> List.tryPick (fun (pattern, advice) ->
                        let found = Regex.Match(fault, pattern)

                        if found.Success then
                            Some(advice found.Groups[1].Value)
                        else
                            None)
                with
                | Some advice -> $"line {line}: {advice}"
                | None -> ()
        ]

    let all output =
        List.distinct (parts output @ loading output @ unknown output @ slipped output)

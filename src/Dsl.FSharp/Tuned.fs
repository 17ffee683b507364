namespace LongTail

open System.Text.Json
open System.Text.RegularExpressions
open LongTail.Core.Settings

/// A row of a table as a setting of a method. Methods differ in more than numbers; settings of one method in its numbers alone.
type Tuned =
    {
        /// Axis and value; without an axis a run's whole name.
        Words: (string * string) list
        /// All that its run is computed from, the seed aside.
        Resolved: string
        /// The same without the numbers; those of the data set stay, as another one is another task.
        Method: string
        /// What it is trained and judged on: numbers of others do not compare.
        Task: string
    }

/// Settings of one method that a table ranks by what they do on the test images.
module Tuned =
    /// Numbers that make another method, as papers tell methods apart.
    let private names (path: string) number =
        path.StartsWith "/Data/"
        || (number = 0.
            && List.contains path [ "/Model/PromptLength"; "/Evaluation/PriorTau" ])
        || (number < 0. && path = "/Schedule/Reweighting/After")
        || (path.EndsWith "Sampler/Power" && List.contains number [ 0.; 0.5 ])

    let rec private words keeps path (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.Object ->
            [
                for one in value.EnumerateObject() do
                    let path = $"{path}/{one.Name}"

                    if path <> "/Seed" then
                        $"{one.Name}:{words keeps path one.Value}"
            ]
            |> String.concat ","
            |> sprintf "{%s}"
        | JsonValueKind.Array ->
            [ for one in value.EnumerateArray() -> words keeps $"{path}/" one ]
            |> String.concat ","
            |> sprintf "[%s]"
        | JsonValueKind.Number when not (keeps path (value.GetDouble())) -> "#"
        | _ -> value.GetRawText()

    /// Of the resolved settings as a store has them.
    let ofJson labels settings =
        {
            Words = labels
            Resolved = words (fun _ _ -> true) "" settings
            Method = words names "" settings
            Task = (settings.GetProperty "Data").GetRawText()
        }

    let ofRun labels (settings: RunSettings) =
        use parsed = JsonDocument.Parse(Identity.canonical settings)
        ofJson labels (parsed.RootElement.GetProperty "settings")

    /// The words in which all begin alike; a plus between two of them stays.
    let private shared (names: string list) =
        let split =
            names
            |> List.map (fun name ->
                [
                    for found in Regex.Matches(name, @"(\+?)([^ ,(+]+)") ->
                        found.Groups[1].Value, found.Groups[2].Value
                ])

        [ 0 .. (split |> List.map _.Length |> List.min) - 1 ]
        |> List.takeWhile (fun i -> split |> List.map (List.item i) |> List.distinct |> List.length = 1)
        |> List.map (fun i -> split.Head[i])
        |> List.filter (fun (_, word) -> not (Names.isNumber word))
        |> List.mapi (fun i (plus, word) ->
            if i = 0 then word
            elif plus = "" then $" {word}"
            else $"+{word}")
        |> String.concat ""

    /// What of a run's whole name is no value of an axis.
    let private worded (name: string) =
        name.Split ", "
        |> Array.filter (fun piece -> not (Names.isNumber (Array.last (piece.Split ' '))))
        |> String.concat ", "

    /// Of settings whose words have nothing in common nobody reads more names.
    let private mostNamed = 3

    /// What the settings of a method have in common in the words of a table, or else the first of them; where the table has
    /// no other rows there is nothing to tell them from.
    let private called rows (those: Tuned list) =
        let words =
            [
                for axis, _ in those.Head.Words do
                    match those |> List.map (fun one -> Map(one.Words)[axis]) with
                    | word :: rest when rest |> List.forall ((=) word) -> Names.told (axis, word)
                    | several when axis = "" -> shared (List.map worded several)
                    | several -> shared several
            ]
            |> List.filter ((<>) "")

        if not words.IsEmpty then
            (String.concat ", " words).TrimEnd ':'
        elif rows |> List.forall (fun row -> row.Method = those.Head.Method) then
            "one method"
        else
            let names =
                those |> List.map (fun one -> one.Words |> List.map snd |> String.concat ", ")

            String.concat " / " (List.truncate mostNamed names)
            + (if names.Length > mostNamed then " / ..." else "")

    /// Methods that the rows have several settings of, each with all of these.
    let private tuned rows =
        rows
        |> List.groupBy _.Method
        |> List.map (fun (_, those) -> those |> List.distinctBy _.Resolved)
        |> List.filter (fun those -> those.Length > 1)

    let private unvalidated =
        "is chosen on the test images and is too high by an unknown amount; there is no validation set yet"

    /// In a line, where a table ranks settings of one method.
    let lines rows =
        match tuned rows with
        | [] -> []
        | [ those ] ->
            [
                $"The settings of {called rows those} are ranked by test accuracy: the best of {those.Length} {unvalidated}."
            ]
        | several ->
            let methods =
                several
                |> List.map (fun those -> $"{called rows those} ({those.Length})")
                |> Gaps.listed

            [
                $"Settings of each of these methods are ranked by test accuracy: {methods}. The best of each {unvalidated}."
            ]

    /// Of a row that is first among these, where it is one of several settings of its method.
    let best rows (first: Tuned) =
        tuned rows
        |> List.filter (fun those -> those.Head.Method = first.Method)
        |> List.map (fun those ->
            $"The first is the best of {those.Length} settings of its method, chosen on the test images.")

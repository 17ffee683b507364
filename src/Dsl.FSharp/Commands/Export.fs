namespace LongTail.Commands

open System.Globalization
open System.IO
open System.Text
open System.Text.Encodings.Web
open System.Text.Json
open CsvHelper
open LongTail
open LongTail.Core

/// A run in a file for programs, with or without a result.
type private Record =
    {
        Hash: string option
        Names: Map<string, JsonElement option>
        Seed: int64 option
        /// None where there is no result.
        Finished: ExportRow option
        State: string
        Why: string option
    }

/// Runs for other programs and for papers.
module Export =
    /// What a run's share of the machine and its rule for groups are called, how it stands, and why it has no result.
    let private timed, groups, state, reason = "timed", "groups", "state", "reason"

    /// What runs are told apart by, and each of them.
    let private records (rows: ExportRow list) (absent: AbsentRow list) =
        let names =
            match rows, absent with
            | row :: _, _ -> List.map fst row.Names
            | [], row :: _ -> List.map fst row.Names
            | [], [] -> []

        names,
        [
            for row in rows do
                {
                    Hash = Some row.Hash
                    Names = Map row.Names
                    Seed = if row.Frozen then None else Some row.Seed
                    Finished = Some row
                    State = StoredRun.word (Some(Done row.Result))
                    Why = None
                }
            for { Gap = gap; Names = names } in absent do
                {
                    Hash = gap.Hash
                    Names = Map names
                    Seed = gap.Seed
                    Finished = None
                    State = gap.State
                    Why = gap.Why
                }
        ]

    let private value name record =
        record.Names |> Map.tryFind name |> Option.flatten

    let private number name record =
        record.Finished |> Option.bind (ExportRow.number name)

    let private rule record =
        record.Finished |> Option.map (fun row -> GroupRule.words row.Groups)

    let private share record =
        record.Finished
        |> Option.bind (_.Result.Share >> Option.ofObj)
        |> Option.map Timing.words

    let private csv rows absent =
        use text = new StringWriter(NewLine = "\n")

        use writer =
            new CsvWriter(text, Configuration.CsvConfiguration(CultureInfo.InvariantCulture, NewLine = "\n"))

        let write (cells: string list) =
            cells |> List.iter writer.WriteField
            writer.NextRecord()

        let orNothing value =
            value |> Option.map string |> Option.defaultValue ""

        match records rows absent with
        | _, [] -> ()
        | names, records ->
            write (
                [ "hash" ]
                @ names
                @ [ "seed" ]
                @ ExportRow.measured
                @ [ timed; groups; state; reason ]
            )

            for record in records do
                write
                    [
                        orNothing record.Hash
                        for name in names do
                            orNothing (value name record)
                        orNothing record.Seed
                        for name in ExportRow.measured do
                            orNothing (number name record)
                        orNothing (share record)
                        orNothing (rule record)
                        record.State
                        orNothing record.Why
                    ]

        writer.Flush()
        text.ToString()

    let private classes (json: Utf8JsonWriter) (row: ExportRow) =
        for j, group in Seq.indexed (row.Groups.Of row.Result.ClassCounts) do
            json.WriteStartObject()
            json.WriteNumber("label", row.Result.ClassLabels[j])
            json.WriteString("name", row.Result.ClassNames[j])
            json.WriteString("group", (string group).ToLowerInvariant())
            json.WriteNumber("images", row.Result.ClassCounts[j])

            match Option.ofNullable row.Result.ClassAccuracy[j] with
            | Some accuracy -> json.WriteNumber("accuracy", accuracy)
            | None -> json.WriteNull "accuracy"

            json.WriteEndObject()

    let private json rows absent =
        use stream = new MemoryStream()

        using
            (new Utf8JsonWriter(
                stream,
                JsonWriterOptions(
                    Indented = true,
                    NewLine = "\n",
                    Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping
                )
            ))
            (fun json ->
                let orNull name (write: 'value -> unit) value =
                    match value with
                    | Some value -> write value
                    | None -> json.WriteNull(name: string)

                let orNullText name =
                    orNull name (fun (text: string) -> json.WriteString(name, text))

                json.WriteStartArray()
                let names, records = records rows absent

                for record in records do
                    json.WriteStartObject()
                    orNullText "hash" record.Hash

                    for name in names do
                        value name record
                        |> orNull name (fun (value: JsonElement) ->
                            json.WritePropertyName name
                            value.WriteTo json)

                    orNull "seed" (fun (seed: int64) -> json.WriteNumber("seed", seed)) record.Seed

                    for name in ExportRow.measured do
                        number name record
                        |> orNull name (fun (number: float) -> json.WriteNumber(name, number))

                    orNullText timed (share record)
                    orNullText groups (rule record)
                    json.WriteString(state, record.State)
                    orNullText reason record.Why
                    json.WriteStartArray "classes"
                    Option.iter (classes json) record.Finished
                    json.WriteEndArray()
                    json.WriteEndObject()

                json.WriteEndArray())

        Encoding.UTF8.GetString(stream.ToArray()) + "\n"

    let private measured =
        [
            "all", "accuracy"
            "head", "head"
            "medium", "medium"
            "tail", "tail"
            "harmonic", "harmonic"
            "worst", "worst"
            "ECE", "ece"
        ]

    /// The marks of a column: of numbers on one task alone, as others do not compare.
    let private marks number (settings: ExportRow list list) =
        let values those =
            [
                for row in those do
                    match ExportRow.number number row with
                    // The lowest error is the best.
                    | Some value -> row.Seed, (if number = "ece" then -value else value)
                    | None -> ()
            ]

        let known =
            settings
            |> List.groupBy (fun those -> those.Head.Tuned.Task)
            |> List.collect (fun (_, alike) -> alike |> List.map values |> Mark.column |> List.zip alike)
            |> List.map (fun (those, mark) -> those.Head.Hash, mark)
            |> dict

        settings |> List.map (fun those -> known[those.Head.Hash])

    /// The columns of words and the others, a row a setting (its words, and means over its seeds with half the width of
    /// their 95 % interval, in percent, each with its mark) and the caption's lines.
    let private means (rows: ExportRow list) =
        let settings = ExportRow.settings rows

        let cell number those =
            match those |> List.choose (ExportRow.number number) with
            | [] -> "-"
            | values -> Report.percent (TInterval.over values)

        let protocols =
            settings
            |> List.map (fun those ->
                ({
                    Seeds = if ExportRow.isFrozen those then None else Some those.Length
                    Evaluation = those.Head.Evaluation
                    Groups = those.Head.Groups
                }
                : Protocol))

        let words = List.zip (settings |> List.map _.Head.Words) protocols |> Report.words

        let ranked =
            settings
            |> List.filter (not << ExportRow.isFrozen)
            |> List.map _.Head.Tuned
            |> Tuned.lines

        let columns =
            [
                for _, number in measured -> List.zip (settings |> List.map (cell number)) (marks number settings)
            ]

        List.map fst words.Head,
        List.map fst measured @ [ "n" ],
        [
            for words, numbers, protocol in List.zip3 words (List.transpose columns) protocols do
                List.map snd words, numbers @ [ Report.orDash string protocol.Seeds, Unmarked ]
        ],
        [
            yield! (Report.caption ranked protocols).Split '\n'
            "Harmonic: harmonic mean of the accuracies of classes, 0 as soon as one class is never right; worst: the lowest of them; n: seeds."
            yield! rows |> List.collect _.Threads |> ThreadCounts.told
        ]

    let private lacking (rows: ExportRow list) absent =
        Gaps.lines rows.Length (absent |> List.map _.Gap)

    let private markdown rows absent =
        let words, numbers, body, caption = means rows

        [
            yield!
                Reports.Markdown.table (words @ numbers) [ for words, numbers in body -> words @ List.map fst numbers ]
            ""
            yield! caption
            yield! lacking rows absent
        ]
        |> List.map (fun line -> line + "\n")
        |> String.concat ""

    let private marked (text: string, mark) =
        let text = text.Replace("±", @"$\pm$")

        match mark with
        | Best -> $@"\textbf{{{text}}}"
        | WithinNoise -> $@"\underline{{{text}}}"
        | Unmarked -> text

    let private marking =
        "Bold: the best of its column on its data set (ECE: the lowest). Underlined: two seeds or more do not tell it from the best, as the 95 % t-interval of the difference, paired by seed, holds zero. Of fewer shared seeds nothing is underlined."

    let private latex rows absent =
        let words, numbers, body, caption = means rows

        let escape (text: string) =
            (text, [ "_"; "%"; "&"; "#" ])
            ||> List.fold (fun text sign -> text.Replace(sign, @"\" + sign))

        let line cells = String.concat " & " cells + @" \\"

        let columns =
            String.replicate words.Length "l" + String.replicate numbers.Length "r"

        [
            $@"\begin{{tabular}}{{{columns}}}"
            @"\toprule"
            line (List.map escape (words @ numbers))
            @"\midrule"
            for words, numbers in body do
                line (List.map escape words @ List.map marked numbers)
            @"\bottomrule"
            @"\end{tabular}"
            yield! caption @ [ marking ] @ lacking rows absent |> List.map (sprintf "%% %s")
        ]
        |> List.map (fun line -> line + "\n")
        |> String.concat ""

    /// Of runs without any result there is no table.
    let private filled comment write (rows: ExportRow list) absent =
        if rows.IsEmpty then
            lacking rows absent |> List.map (sprintf "%s%s\n" comment) |> String.concat ""
        else
            write rows absent

    /// What writes finished runs, and those that have no result, in a format.
    let writer format : ExportRow list -> AbsentRow list -> string =
        match format with
        | "csv" -> csv
        | "json" -> json
        | "md" -> filled "" markdown
        | "latex" -> filled "% " latex
        | other -> raise (InputException $"there is no format {other}: say csv, json, md or latex")

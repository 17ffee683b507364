namespace LongTail.Commands

open System.Globalization
open System.IO
open System.Text
open System.Text.Encodings.Web
open System.Text.Json
open CsvHelper
open LongTail
open LongTail.Core

/// Finished runs for other programs and for papers.
module Export =
    /// What a run's rule for groups is called.
    let private groups = "groups"

    let private csv (rows: ExportRow list) =
        use text = new StringWriter(NewLine = "\n")

        use writer =
            new CsvWriter(text, Configuration.CsvConfiguration(CultureInfo.InvariantCulture, NewLine = "\n"))

        let write (cells: string list) =
            cells |> List.iter writer.WriteField
            writer.NextRecord()

        match rows with
        | [] -> ()
        | first :: _ ->
            write (
                [ "hash" ]
                @ List.map fst first.Names
                @ [ "seed" ]
                @ List.map fst (ExportRow.numbers first)
                @ [ groups ]
            )

        for row in rows do
            write
                [
                    row.Hash
                    yield! row.Names |> List.map (snd >> Option.map string >> Option.defaultValue "")
                    string row.Seed
                    for _, number in ExportRow.numbers row do
                        number |> Option.map string |> Option.defaultValue ""
                    GroupRule.words row.Groups
                ]

        writer.Flush()
        text.ToString()

    let private json (rows: ExportRow list) =
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
                json.WriteStartArray()

                for row in rows do
                    json.WriteStartObject()
                    json.WriteString("hash", row.Hash)

                    for name, value in row.Names do
                        json.WritePropertyName name

                        match value with
                        | Some value -> value.WriteTo json
                        | None -> json.WriteNullValue()

                    json.WriteNumber("seed", row.Seed)

                    for name, number in ExportRow.numbers row do
                        match number with
                        | Some number -> json.WriteNumber(name, number)
                        | None -> json.WriteNull name

                    json.WriteString(groups, GroupRule.words row.Groups)
                    json.WriteStartArray "classes"

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

    /// The header, a row a setting (means over its seeds with half the width of their 95 % interval, in percent) and
    /// the caption's lines.
    let private means plusMinus (rows: ExportRow list) =
        let settings = ExportRow.settings rows

        let cell number those =
            match those |> List.choose (fun row -> (Map(ExportRow.numbers row))[number]) with
            | [] -> "-"
            | values -> (Report.percent (TInterval.over values)).Replace("±", plusMinus)

        let protocols =
            settings
            |> List.map (fun those ->
                ({
                    Seeds = those.Length
                    Evaluation = those.Head.Evaluation
                    Groups = those.Head.Groups
                }
                : Protocol))

        let words = List.zip (settings |> List.map _.Head.Words) protocols |> Report.words

        let header = List.map fst words.Head @ List.map fst measured @ [ "n" ]
        let caption = Report.caption protocols

        header,
        [
            for words, those in List.zip words settings do
                List.map snd words
                @ [ for _, number in measured -> cell number those ]
                @ [ string those.Length ]
        ],
        caption.Split '\n' |> List.ofArray

    let private markdown rows =
        let header, body, caption = means "±" rows

        [ yield! Reports.Markdown.table header body; ""; yield! caption ]
        |> List.map (fun line -> line + "\n")
        |> String.concat ""

    let private latex (rows: ExportRow list) =
        let header, body, caption = means "$\\pm$" rows

        let escape (text: string) =
            (text, [ "_"; "%"; "&"; "#" ])
            ||> List.fold (fun text sign -> text.Replace(sign, @"\" + sign))

        let line cells =
            String.concat " & " (cells |> List.map escape) + @" \\"

        let names = header |> List.findIndex ((=) (fst measured.Head))

        let columns =
            String.replicate names "l" + String.replicate (header.Length - names) "r"

        [
            $@"\begin{{tabular}}{{{columns}}}"
            @"\toprule"
            line header
            @"\midrule"
            yield! List.map line body
            @"\bottomrule"
            @"\end{tabular}"
            yield! caption |> List.map (sprintf "%% %s")
        ]
        |> List.map (fun line -> line + "\n")
        |> String.concat ""

    let private filled write (rows: ExportRow list) = if rows.IsEmpty then "" else write rows

    /// What writes rows in a format.
    let writer format : ExportRow list -> string =
        match format with
        | "csv" -> csv
        | "json" -> json
        | "md" -> filled markdown
        | "latex" -> filled latex
        | other -> raise (InputException $"there is no format {other}: say csv, json, md or latex")

namespace LongTail

open Spectre.Console

/// A row of a published table: the setting as our table calls it, its accuracy in percent and its seconds an epoch.
type PublishedRow = string * float * float

module Published =
    /// Published rows beside ours of the same name; time is over that of the table's first row.
    let table (published: PublishedRow list) (ours: Row list) =
        let table = Table(Border = TableBorder.Rounded)
        table.AddColumn(TableColumn "setting") |> ignore

        for name in [ "all"; "published"; "time"; "published" ] do
            table.AddColumn(TableColumn(name).RightAligned()) |> ignore

        let named =
            Map [ for row in ours -> row.Labels |> List.map snd |> String.concat ", ", row ]

        let first =
            match published with
            | (name, _, seconds) :: _ -> named.TryFind name |> Option.map (fun row -> row.SecondsPerEpoch, seconds)
            | [] -> None

        let time pick seconds =
            Report.orDash (fun start -> $"{seconds / pick start:F2}x") first

        for name, accuracy, seconds in published do
            let row = named.TryFind name

            [
                name
                Report.orDash (fun row -> Report.percent row.Accuracy) row
                $"{accuracy:F2}"
                Report.orDash (fun row -> time fst row.SecondsPerEpoch) row
                time snd seconds
            ]
            |> List.map Markup.Escape
            |> Array.ofList
            |> table.AddRow
            |> ignore

        table

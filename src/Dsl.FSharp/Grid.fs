namespace LongTail

open Spectre.Console

/// Tables on a terminal.
module Grid =
    /// Columns of words, then columns of numbers, and rows that have a cell in each.
    let table (words: string list) (numbers: string list) (rows: string list list) =
        let table = Table(Border = TableBorder.Rounded)

        for name in words do
            table.AddColumn(TableColumn(Markup.Escape name)) |> ignore

        for name in numbers do
            table.AddColumn(TableColumn(Markup.Escape name).RightAligned()) |> ignore

        for cells in rows do
            table.AddRow(cells |> List.map Markup.Escape |> Array.ofList) |> ignore

        table

namespace LongTail

open Spectre.Console

/// A table on a terminal: columns of words, then columns of numbers, and rows that have a cell in each.
type Grid =
    {
        Words: string list
        Numbers: string list
        Rows: string list list
    }

module Grid =
    let table words numbers rows =
        {
            Words = words
            Numbers = numbers
            Rows = rows
        }

    /// A border and a space on each side.
    let private frame = 3

    let private longestWord (cell: string) =
        cell.Split ' ' |> Array.map _.Length |> Array.max

    /// The width of each column of numbers, and what is left for them beside the columns of words, which may be broken
    /// between words.
    let private widths width grid =
        let columns =
            (grid.Words @ grid.Numbers) :: grid.Rows
            |> List.transpose
            |> List.splitAt grid.Words.Length

        let widest measure column =
            frame + (column |> List.map measure |> List.max)

        columns |> snd |> List.map (widest _.Length), width - 1 - (columns |> fst |> List.sumBy (widest longestWord))

    /// Columns of numbers, as many together as there is room for.
    let private blocks width grid =
        let widths, room = widths width grid

        (([], 0), List.indexed widths)
        ||> List.fold (fun (blocks, taken) (column, width) ->
            match blocks with
            | block :: others when taken + width <= room -> (column :: block) :: others, taken + width
            | _ -> [ column ] :: blocks, width)
        |> fst
        |> List.rev
        |> List.map List.rev

    let private ofColumns grid columns =
        let table = Table(Border = TableBorder.Rounded)

        for name in grid.Words do
            table.AddColumn(TableColumn(Markup.Escape name)) |> ignore

        for column in columns do
            table.AddColumn(TableColumn(Markup.Escape grid.Numbers[column]).RightAligned().NoWrap())
            |> ignore

        for cells in grid.Rows do
            let words, numbers = List.splitAt grid.Words.Length cells

            words @ [ for column in columns -> numbers[column] ]
            |> List.map Markup.Escape
            |> Array.ofList
            |> table.AddRow
            |> ignore

        table

    /// As wide as the console at most: where there is no room for all columns of numbers, the others follow in a table
    /// of the same rows.
    let write (console: IAnsiConsole) grid =
        let blocks =
            if grid.Numbers.IsEmpty then
                [ [] ]
            else
                blocks console.Profile.Width grid

        for columns in blocks do
            console.Write(ofColumns grid columns)

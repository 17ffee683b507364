namespace LongTail.Commands

open System.IO
open LongTail.Core
open LongTail.Core.Data
open LongTail.Core.Evaluation
open LongTail.Core.Images

/// A few images of a few classes of a data set, as a contact sheet.
module Sampled =
    let private rows = 12

    // Of many broken images the first tell what is wrong.
    let private shown = 3

    let private colour group =
        match group with
        | Group.Head -> struct (40uy, 90uy, 180uy)
        | Group.Medium -> struct (230uy, 160uy, 30uy)
        | _ -> struct (190uy, 40uy, 50uy)

    /// So many of them, as far apart as they can be, in their order.
    let spread count (items: 'a array) =
        let count = min count items.Length

        Array.init count (fun i ->
            items[if count = 1 then
                      0
                  else
                      i * (items.Length - 1) / (count - 1)])

    /// A few classes of each group that is there, the largest first.
    let classes (counts: int array) =
        let groups = CountGroups.Usual.Of counts

        let present =
            [| 0 .. counts.Length - 1 |]
            |> Array.filter (fun j -> counts[j] > 0)
            |> Array.sortBy (fun j -> -counts[j], j)
            |> Array.groupBy (fun j -> groups[j])

        present
        |> Array.collect (fun (group, members) ->
            members |> spread (rows / present.Length) |> Array.map (fun j -> group, j))

    /// Draws the sheet and tells what is on it. `put` puts an image into its place, or tells in a line why it cannot.
    let draw file (counts: int array) (labels: int array) (names: string array) put =
        let chosen = classes counts
        let sheet = ContactSheet chosen.Length

        let faults =
            [
                for row, (group, j) in Array.indexed chosen do
                    sheet.Mark(row, colour group)

                    let images =
                        [| 0 .. labels.Length - 1 |]
                        |> Array.filter (fun i -> labels[i] = j)
                        |> spread ContactSheet.Columns

                    for column, image in Array.indexed images do
                        yield! put sheet row column image
            ]

        sheet.Write file

        [
            $"{file}: a contact sheet, {ContactSheet.Columns} images a class (head blue, medium orange, tail red), from the top:"
            for group, j in chosen do
                let group = (string group).ToLowerInvariant()
                let name = if names.Length = 0 then $"class {j}" else names[j]
                $"{counts[j], 7} {group, -7} {name}"
            yield! List.truncate shown faults
            if faults.Length > shown then
                $"and {faults.Length - shown} more of its images"
        ]

    let ofData (data: ImageData) (sheet: ContactSheet) row column image : string list =
        sheet.Put(row, column, data, image)
        []

    let ofFiles folder (list: ImageList) (sheet: ContactSheet) row column image =
        use decoder = new ImageDecoder(list.Removal)

        try
            decoder.Open(Path.Combine(folder, list.Path image)) |> ignore
            sheet.Put(row, column, decoder.Decode())
            []
        with :? InputException as e ->
            [ e.Message ]

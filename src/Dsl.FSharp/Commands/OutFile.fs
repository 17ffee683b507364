namespace LongTail.Commands

open System
open System.IO
open LongTail.Core

/// The file that a command writes, refused before anything is read where it cannot be: --out makes no folder, as a
/// misspelt one would be made too. Throws InputException.
module OutFile =
    let private refuse why = raise (InputException why)

    /// A file in a folder that is there.
    let place file =
        match file with
        | "" -> refuse "--out names no file"
        | file ->
            let folder = string (Path.GetDirectoryName(Path.GetFullPath file))

            if not (Directory.Exists folder) then
                refuse $"{file}: there is no folder {folder}: make it, or give another --out"

    /// The same of a file with one of these endings; `what` says why.
    let placeAs what endings (file: string) =
        let names = endings |> List.map (sprintf "NAME%s") |> String.concat " or "

        let ends (ending: string) =
            file.EndsWith(ending, StringComparison.OrdinalIgnoreCase)

        if Directory.Exists file then
            refuse $"{file} is a folder: give --out {names}"

        if not (List.exists ends endings) then
            refuse $"{file}: {what}: name it {names}"

        place file

namespace LongTail

open System.IO

/// Where a script's files and runs are looked for.
module internal Repository =
    /// What lies in the topmost folder of a repository.
    let private marks = [ ".git"; "paket.dependencies" ]

    let rec private upwards (folder: DirectoryInfo | null) =
        match folder with
        | null -> []
        | folder -> folder.FullName :: upwards folder.Parent

    let private isRoot folder =
        marks |> List.exists (fun mark -> Path.Exists(Path.Combine(folder, mark)))

    /// The folder and those above it, up to the repository's root; elsewhere only the folder itself is meant.
    let folders (folder: string) =
        let above = upwards (DirectoryInfo folder)

        match above |> List.tryFindIndex isRoot with
        | Some root -> List.truncate (root + 1) above
        | None -> List.truncate 1 above

    /// The repository's root, and elsewhere the folder itself.
    let root folder = folders folder |> List.last

namespace LongTail

open System
open System.IO

/// What is asked of the script that runs in this process.
type Session =
    {
        /// The script's file; None where there is none, as in a test.
        Script: string option
        Given: Arguments
        /// Takes what the script asks for; None where that is done as it is asked.
        Hear: (Request -> unit) option
    }

module Session =
    /// Of no script.
    let bare given =
        {
            Script = None
            Given = given
            Hear = None
        }

    let mutable private entered: Session option = None

    /// From now on the scripts of this process are asked for this.
    let enter session = entered <- Some session

    // fsi hands a script's arguments on, but a library sees all of the process's.
    let private ofFsi () =
        let isScript (text: string) =
            text.EndsWith(".fsx", StringComparison.OrdinalIgnoreCase)

        // The dotnet command adds it for fsi behind all else where DOTNET_CLI_UI_LANGUAGE is set.
        let isOfFsi (text: string) =
            text.StartsWith("--preferreduilang:", StringComparison.Ordinal)

        match
            Environment.GetCommandLineArgs()
            |> List.ofArray
            |> List.filter (isOfFsi >> not)
            |> List.skipWhile (isScript >> not)
        with
        | script :: words -> Some script, words
        | [] -> None, []

    /// As the program was told; where fsi runs the script, as it was told behind the script's name.
    let current () =
        match entered with
        | Some session -> session
        | None ->
            let script, words = ofFsi ()

            let given =
                match Command.read Command.run words with
                | Ok(Some given) -> given
                | Ok None ->
                    printfn $"{Command.help Command.run}"
                    exit 0
                | Error fault ->
                    eprintfn $"{fault}"
                    exit 2

            let session = { bare given with Script = script }

            enter session
            session

    let private beside (script: string) =
        let rec upwards (folder: DirectoryInfo | null) =
            match folder with
            | null -> []
            | folder -> folder :: upwards folder.Parent

        let folders = upwards (FileInfo(Path.GetFullPath script).Directory)

        // A repository's scripts mean the repository's files; elsewhere only the script's own folder is meant.
        match
            folders
            |> List.tryFindIndex (fun folder -> Path.Exists(Path.Combine(folder.FullName, ".git")))
        with
        | Some root -> List.truncate (root + 1) folders
        | None -> List.truncate 1 folders

    /// A file or folder that a script names: in the folder that the command was given in, or else beside the script or in a
    /// folder above it, up to the repository's root; for no script, beside the program. As it is where it is nowhere.
    let find session (file: string) =
        let origin =
            session.Script
            |> Option.defaultValue (Path.Combine(AppContext.BaseDirectory, "LongTail.dll"))

        if Path.Exists file then
            file
        else
            beside origin
            |> List.map (fun folder -> Path.Combine(folder.FullName, file))
            |> List.tryFind Path.Exists
            |> Option.defaultValue file

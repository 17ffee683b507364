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

    let private folderOf (file: string) =
        string (Path.GetDirectoryName(Path.GetFullPath file))

    /// Where a file or folder is looked for that a script names: beside the script and in the folders above it, up to the
    /// repository's root, then in the folder that the command was given in, then where this program's own files lie.
    let private places session =
        [
            yield!
                session.Script
                |> Option.map (folderOf >> Repository.folders)
                |> Option.defaultValue []
            Directory.GetCurrentDirectory()
            Repository.root AppContext.BaseDirectory
        ]
        |> List.distinct

    /// The path of a file or folder that a script names, or where it was looked for.
    let find session (file: string) =
        let paths = places session |> List.map (fun folder -> Path.Combine(folder, file))

        match paths |> List.tryFind Path.Exists with
        // It would be the first of the places.
        | _ when String.IsNullOrWhiteSpace file -> Error "the name is empty"
        | Some path -> Ok path
        | None when Path.IsPathRooted file -> Error "there is no such file or folder"
        | None -> Error $"""there is no such file or folder in {String.concat ", " (places session)}"""

    /// The one that --store names, or else `runs` in the root of the repository that the script lies in, without a script of
    /// that of the current folder; in none, beside the script.
    let store session : Store =
        match session.Given.TryGetResult Argument.Store with
        | Some folder -> { Folder = folder }
        | None ->
            let here = Directory.GetCurrentDirectory()
            let home = session.Script |> Option.map folderOf |> Option.defaultValue here
            let runs = Path.Combine(Repository.root home, "runs")
            let brief = Path.GetRelativePath(here, runs)

            {
                Folder = if brief.StartsWith ".." then runs else brief
            }

namespace LongTail

open System
open Argu

/// What a script can be told behind its name.
[<RequireQualifiedAccess; HelpFlags "--options">]
type Argument =
    | Device of string
    | Data of string
    | Store of string
    | Threads of int
    | Plan
    | Weights of string
    | Small

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Device _ -> "cpu (default), cuda or cuda:N."
            | Data _ -> "folder of the data set's files."
            | Store _ -> "folder that keeps the runs (default: runs)."
            | Threads _ -> "cores that a run may use."
            | Plan -> "list the runs and what the store has of them; run nothing."
            | Weights _ -> "safetensors file of the backbone, where the script asks for one."
            | Small -> "the script's small form, where it has one."

module Arguments =
    // fsi hands a script's arguments on, but a library sees all of the process's.
    let private behindScript () =
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
        | _script :: arguments -> Array.ofList arguments
        | [] -> [||]

    /// Reads arguments; ends the process where they are wrong, or where their list was asked for.
    let parse arguments =
        try
            ArgumentParser.Create<Argument>("dotnet fsi SCRIPT").Parse(arguments)
        with
        | :? ArguParseException as e when e.ErrorCode = ErrorCode.HelpText ->
            printfn $"{e.Message}"
            exit 0
        | :? ArguParseException as e ->
            eprintfn $"{e.Message.Split('\n')[0]} `--options` lists what can be said."
            exit 2

    /// What was said behind the script's name.
    let given = lazy (parse (behindScript ()))

    let place (arguments: ParseResults<Argument>) =
        {
            Device = arguments.GetResult(Argument.Device, "cpu")
            DataFolder = arguments.TryGetResult Argument.Data
            Threads = arguments.TryGetResult Argument.Threads
        }

    let store (arguments: ParseResults<Argument>) : Store =
        {
            Folder = arguments.GetResult(Argument.Store, "runs")
        }

namespace LongTail

open System
open Argu
open FSharp.Reflection

/// All that can be said behind a command's or a script's name. Which command takes what stands with the commands.
[<RequireQualifiedAccess; HelpFlags("--help", "-h", "--options")>]
type Argument =
    | [<MainCommand>] Word of word: string
    | [<Unique>] Device of name: string
    | [<Unique>] Workers of count: int
    | [<Unique>] Threads of count: int
    | Data of folder: string
    | [<Unique>] Store of folder: string
    | [<Unique>] Weights of file: string
    | [<Unique>] Small
    | [<Unique>] Only of text: string
    | Where of ``axis=value``: string
    | [<Unique; AltCommandLine "--plan">] Dry_Run
    | [<Unique>] Stop_At_First
    | [<Unique>] Retry of times: int
    | [<Unique>] All
    | [<Unique>] Checkpoints
    | [<Unique>] Yes
    | [<Unique>] From of address: string
    | [<Unique>] Checksum of sum: string
    | [<Unique>] Decode
    | [<Unique>] Out of file: string
    | Baseline of ``axis=value``: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member argument.Usage =
            match argument with
            | Word _ -> "what the command is about"
            | Device _ -> "cpu (default), cuda or cuda:N"
            | Workers _ -> "runs under way at once (default: 1)"
            | Threads _ -> "cores of each run (default: all, shared among the workers)"
            | Data _ -> "folder of data sets' files, or above them; may be said again"
            | Store _ -> "folder that keeps the runs (default: runs, in the repository's root)"
            | Weights _ -> "safetensors file of the backbone, where the script asks for one"
            | Small -> "the script's small form, where it has one"
            | Only _ -> "the runs whose hash begins, or whose name goes on, like this"
            | Where _ -> "the runs with this value on an axis; again on one axis: or, on another: and"
            | Dry_Run -> "plan: list the runs, run nothing"
            | Stop_At_First -> "end the sweep with the first run that fails"
            | Retry _ -> "try a run that failed so many times more"
            | All -> "leave nothing out"
            | Checkpoints -> "also the checkpoints of finished runs"
            | Yes -> "remove what is listed"
            | From _ -> "address of a folder, or of weights' file, to fetch from instead of the authors'"
            | Decode -> "also decode every image, and tell what fails or is odd"
            | Checksum _ -> "MD5 or SHA-256 of what is there, where it is packed otherwise"
            | Out _ -> "the file that is written (default: NAME's, in this folder)"
            | Json -> "as JSON, for other programs"
            | Baseline _ -> "what others are compared with (default: the first axis's first value)"

/// What was said, read.
type Arguments = ParseResults<Argument>

module Arguments =
    let private parser = lazy (ArgumentParser.Create<Argument>("longtail"))

    /// The name of an argument's case.
    let case (argument: Argument) =
        parser.Value.GetArgumentCaseInfo(argument).UnionCaseInfo.Name

    /// By the case's name: how an option is written, and what it does.
    let explained =
        lazy
            Map
                [
                    for case in parser.Value.GetArgumentCases() do
                        let parts =
                            [
                                yield! List.truncate 1 case.CommandLineNames.Value
                                for field in case.UnionCaseInfo.GetFields() do
                                    field.Name.ToUpperInvariant()
                            ]

                        case.UnionCaseInfo.Name, (String.concat " " parts, case.Description.Value)
                ]

    /// An option as it is written.
    let written argument =
        parser.Value.GetArgumentCaseInfo(argument).CommandLineNames.Value |> List.head

    /// Whether this option was said, whatever its value.
    let has argument (given: Arguments) =
        given.GetAllResults() |> List.exists (fun other -> case other = case argument)

    /// Whether this says a text of no letter.
    let isBlank (argument: Argument) =
        FSharpValue.GetUnionFields(argument, typeof<Argument>)
        |> snd
        |> Array.exists (fun said ->
            match said with
            | :? string as text -> String.IsNullOrWhiteSpace text
            | _ -> false)

    /// What was said, or in one line what is wrong with it; None where help was asked for. `options` are the cases that
    /// a misspelt one may mean.
    let read (options: string list) (words: string seq) : Result<Arguments option, string> =
        try
            let given = parser.Value.Parse(Array.ofSeq words)

            match given.GetResults Argument.Word |> List.tryFind _.StartsWith('-') with
            | Some word ->
                let known =
                    options |> List.map (fun case -> (fst explained.Value[case]).Split(' ')[0])

                Error $"there is no option {word}{Guess.question known (word.Split('=')[0])}"
            | None -> Ok(Some given)
        with :? ArguParseException as e ->
            if e.ErrorCode = ErrorCode.HelpText then
                Ok None
            else
                Error((e.Message.Split('\n')[0]).Replace("ERROR: ", "").TrimEnd().TrimEnd('.'))

    let words (given: Arguments) = given.GetResults Argument.Word

    let policy (given: Arguments) =
        {
            Workers = given.GetResult(Argument.Workers, 1)
            Failures =
                if given.Contains Argument.Stop_At_First then
                    StopAtFirst
                else
                    given.TryGetResult Argument.Retry
                    |> Option.map Retry
                    |> Option.defaultValue KeepGoing
        }

    let place (given: Arguments) =
        let share = Environment.ProcessorCount / max 1 (policy given).Workers

        {
            Device = given.GetResult(Argument.Device, "cpu")
            DataFolders = given.GetResults Argument.Data
            Threads = given.GetResult(Argument.Threads, max 1 share)
            Script = None
        }

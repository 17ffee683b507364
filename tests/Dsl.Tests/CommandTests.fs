/// What can be said to the program, and what it says to the rest.
module LongTail.Tests.CommandTests

open System
open System.Diagnostics
open System.IO
open Expecto
open LongTail
open LongTail.Commands

let private command name = Option.get (Command.named name)

[<Tests>]
let tests =
    testList
        "command line"
        [
            testCase "every help fits a screen and has an example of its command" (fun () ->
                for command in Command.all do
                    let lines = (Command.help command).Split '\n'
                    Order.isLessThan lines.Length 24 command.Name
                    Expect.all lines (fun line -> line.Length <= 100) command.Name
                    Expect.stringContains (Array.last lines) $"longtail {command.Name}" command.Name)
            testCase "each command that takes --where says what it means twice" (fun () ->
                let means =
                    Command.all
                    |> List.filter (fun command -> (Command.help command).Contains "--where")

                Expect.isNonEmpty means "commands"

                for command in means do
                    Expect.stringContains (Command.help command) "again on one axis: or, on another: and" command.Name)
            testCase "the overview names every command" (fun () ->
                for command in Command.all do
                    Expect.stringContains (Command.overview ()) $"\n  {command.Name}" command.Name)
            testTheory
                "a wrong word gives one line that says where it stands"
                [
                    "plan", [ "x.fsx"; "--what" ], "--what"
                    "plan", [ "x.fsx"; "--retry"; "2" ], "--retry"
                    "run", [ "x.fsx"; "--retry"; "twice" ], "twice"
                    "run", [ "x.fsx"; "--threads" ], "--threads"
                    "status", [ "--small"; "--small" ], "--small"
                    "doctor", [ "--where"; "a=b" ], "--where"
                ]
                (fun (name, words, culprit) ->
                    match Command.read (command name) words with
                    | Error fault ->
                        Expect.stringContains fault $"longtail {name}:" "where"
                        Expect.stringContains fault culprit "what"
                        Expect.stringContains fault $"longtail {name} --help" "what to do"
                        Expect.isFalse (fault.Contains '\n') "one line"
                    | other -> failtest $"%A{other}")
            testCase "a text of no letter is refused by one line, whatever word or option says it" (fun () ->
                let texts =
                    Map
                        [
                            for argument in
                                [
                                    Argument.Device
                                    Argument.Data
                                    Argument.Store
                                    Argument.Weights
                                    Argument.Only
                                    Argument.Where
                                    Argument.From
                                    Argument.Checksum
                                    Argument.Out
                                    Argument.Baseline
                                ] do
                                Arguments.case (argument ""), Arguments.written (argument "")
                        ]

                for command in Command.all do
                    for blank in [ ""; " "; "\t" ] do
                        for words, culprit in
                            [
                                [ blank ], "an empty word"
                                for option in command.Options do
                                    match Map.tryFind option texts with
                                    | Some option -> [ "x"; option; blank ], $"{option} says nothing: give {option} "
                                    | None -> ()
                            ] do
                            match Command.read command words with
                            | Error fault ->
                                Expect.stringContains fault $"longtail {command.Name}: {culprit}" "where and what"
                                Expect.isFalse (fault.Contains '\n') "one line"
                            | other -> failtest $"%A{other}"

                            Expect.equal (Program.main (Array.ofList (command.Name :: words))) 2 "code")
            testTheory
                "a misspelt option is asked after by the nearest that the command takes"
                [
                    "run", "--worker", Some "--workers"
                    "run", "--worker=2", Some "--workers"
                    "run", "--stroe", Some "--store"
                    "plan", "--devise", Some "--device"
                    "run", "--dry", Some "--dry-run"
                    "run", "--DATA", Some "--data"
                    "report", "--basline", Some "--baseline"
                    "data", "--check-sum", Some "--checksum"
                    "status", "--worker", None
                    "run", "--quick", None
                ]
                (fun (name, word, meant) ->
                    let question =
                        meant
                        |> Option.map (fun option -> $", do you mean {option}?")
                        |> Option.defaultValue ""

                    match Command.read (command name) [ "x.fsx"; word; "2" ] with
                    | Error fault ->
                        Expect.stringStarts fault $"longtail {name}: there is no option {word}{question}; " "question"
                    | other -> failtest $"%A{other}")
            testCase "options stand before, between and behind words" (fun () ->
                match Command.read (command "diff") [ "--all"; "a"; "--store"; "s"; "b" ] with
                | Ok(Some given) ->
                    Expect.equal (Arguments.words given) [ "a"; "b" ] "words"
                    Expect.isTrue (given.Contains Argument.All) "before"
                    Expect.equal (Session.store (Session.bare given)).Folder "s" "between"
                | other -> failtest $"%A{other}")
            testCase "the citation and the changelog are of the program's version" (fun () ->
                let version = (Provenance.version.Split '+')[0]

                let read name =
                    File.ReadAllText(Path.Combine(__SOURCE_DIRECTORY__, "../..", name))

                Expect.stringContains (read "CITATION.cff") $"\nversion: {version}\n" "citation"
                Expect.stringContains (read "CHANGELOG.md") $"\n## {version}\n" "changelog")
            testTheory
                "what a person, a terminal or a scheduler sends before the end stops a sweep politely"
                [ "INT"; "TERM"; "HUP"; "USR1" ]
                (fun signal ->
                    CommandLine.untilAsked (fun stop ->
                        use sent = Process.Start("kill", [ $"-{signal}"; string Environment.ProcessId ])
                        Expect.isTrue (stop.WaitHandle.WaitOne 20_000) "asked"))
            testTheory
                "exit code"
                [
                    [ "--help" ], 0
                    [ "--version" ], 0
                    [ "plan"; "--help" ], 0
                    [ "plan"; "x.fsx"; "--options" ], 0
                    [ "pln" ], 2
                    [ "" ], 2
                    [ "doctor"; "x" ], 2
                    [ "doctor"; "--threads"; "" ], 2
                    [ "plan" ], 2
                    [ "plan"; "a.fsx"; "b.fsx" ], 2
                    [ "plan"; "nowhere.fsx" ], 2
                    [ "check"; "nowhere.fsx" ], 2
                    [ "check" ], 2
                    [ "run"; "nowhere.fsx"; "--yes" ], 2
                    [ "status"; "nowhere" ], 2
                    [ "status"; "."; "--where"; "loss=CE" ], 2
                    [ "show"; "3f2a"; "--store"; "nowhere" ], 2
                    [ "diff"; "3f2a" ], 2
                    [ "export"; "xml"; "." ], 2
                    [ "gc"; "nowhere" ], 2
                    [ "verify"; "nowhere" ], 2
                    [ "compile"; "nowhere.fsx" ], 2
                    [ "weights" ], 0
                    [ "weights"; "get" ], 2
                    [ "weights"; "get"; "nothing" ], 2
                    [ "weights"; "show"; "nowhere.safetensors" ], 2
                ]
                (fun (words, code) -> Expect.equal (Program.main (Array.ofList words)) code "code")
        ]

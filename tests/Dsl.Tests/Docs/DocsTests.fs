/// What the documentation says, compiled and done.
module LongTail.Tests.Docs.DocsTests

open System.IO
open System.Text.RegularExpressions
open Expecto

let private expect code (what: string) (found, said) =
    Expect.equal found code $"{what}\n{said}"

/// Compiles and plans a script: planning times a small step of every kind of run.
let private plan folder page (first: Block, text: string) =
    let name =
        if first.Words = "" then
            "experiments/page.fsx"
        else
            first.Words

    File.WriteAllText(Path.Combine(folder, name), text)

    // A script that runs nothing makes its values, and is told so.
    let command, code =
        if Regex.IsMatch(text, @"\|> run\b") then
            "plan --data .", 0
        else
            "run", 2

    let found, said = Desk.shell folder $"./longtail {command} {name}"
    expect code $"{page.Name}, line {first.Line}" (found, said)

    if code = 2 then
        Expect.stringContains said "asks for nothing" $"{page.Name}, line {first.Line}"

/// Commands of the one door: CI itself calls some, and the rest are targets that it knows.
let private ofDoor (line: string) =
    let said = Regex.Match(line, @"^dotnet fsi build\.fsx (\w+)")
    if said.Success then Some said.Groups[1].Value else None

let private targets =
    lazy
        (Regex.Matches(File.ReadAllText(Path.Combine(Page.house, "build.fsx")), "(?m)^    \\| (?:\\[ )?\"(\\w+)\"")
         |> Seq.map _.Groups[1].Value
         |> set)

let private doCommands folder page (block: Block) =
    let door, others =
        block.Text.TrimEnd().Split '\n'
        |> List.ofArray
        |> List.partition (ofDoor >> Option.isSome)

    for target in List.choose ofDoor door do
        Expect.isTrue (targets.Value.Contains target) $"{page.Name}, line {block.Line}: build.fsx has a target {target}"

    // What wants a network, a GPU or another's files is asked for its help instead.
    let commands =
        if block.Words = "elsewhere" then
            [
                for line in others do
                    let said = Regex.Match(line, @"^\./longtail \w+")

                    if said.Success then
                        $"{said.Value} --help"
            ]
        else
            others

    let code = Regex.Match(block.Words, @"^exit (\d)$")

    Desk.shell folder (String.concat "\n" commands)
    |> expect (if code.Success then int code.Groups[1].Value else 0) $"{page.Name}, line {block.Line}"

/// The page from top to bottom as a reader goes: scripts are saved under their names, commands are given.
let private follow folder page =
    for block in page.Blocks do
        match block.Language, block.Words with
        | "fsharp", "" -> ()
        | "fsharp", file -> File.WriteAllText(Path.Combine(folder, file), block.Text)
        | "sh", _ -> doCommands folder page block
        | _ -> ()

[<Tests>]
let tests =
    testList
        "docs"
        [
            for page in Page.all () do
                let named =
                    page.Blocks |> List.exists (fun b -> b.Language = "fsharp" && b.Words <> "")

                // A page that names its scripts runs them itself.
                if not named then
                    for first, text in Page.scripts page do
                        testCase $"{page.Name}: the script of line {first.Line} compiles and is planned" (fun () ->
                            Desk.inClone (fun folder -> plan folder page (first, text)))

                if page.Blocks |> List.exists (fun b -> b.Language = "sh") then
                    testCase $"{page.Name}: its commands do as it says" (fun () ->
                        Desk.inClone (fun folder -> follow folder page))

                testCase $"{page.Name}: every block says what it is" (fun () ->
                    for block in page.Blocks do
                        Expect.contains
                            [ "fsharp"; "sh"; "text" ]
                            block.Language
                            $"line {block.Line}: a block nobody checks")
        ]

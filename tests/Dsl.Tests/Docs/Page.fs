namespace LongTail.Tests.Docs

open System.IO
open System.Text.RegularExpressions

/// A fenced block of a page.
type Block =
    {
        /// Of its first line of code, from 1.
        Line: int
        Language: string
        /// What stands behind the language in the fence: a script's file, what a command ends with.
        Words: string
        Text: string
    }

/// A Markdown page of the documentation.
type Page = { Name: string; Blocks: Block list }

module Page =
    let house = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "../../.."))

    let private fence = Regex(@"^```(\w*) ?(.*)$")

    let read (file: string) =
        let rec blocks line (lines: string list) =
            match lines with
            | [] -> []
            | opening :: rest when fence.IsMatch opening ->
                let text = rest |> List.takeWhile ((<>) "```")
                let found = fence.Match opening

                {
                    Line = line + 1
                    Language = found.Groups[1].Value
                    Words = found.Groups[2].Value
                    Text = text |> List.map (fun one -> one + "\n") |> String.concat ""
                }
                :: blocks (line + text.Length + 2) (List.skip (text.Length + 1) rest)
            | _ :: rest -> blocks (line + 1) rest

        {
            Name = Path.GetRelativePath(house, file)
            Blocks = File.ReadAllLines file |> List.ofArray |> blocks 1
        }

    /// The README and all of docs/, as they stand in the repository.
    let all () =
        Path.Combine(house, "README.md")
        :: List.ofArray (Directory.GetFiles(Path.Combine(house, "docs"), "*.md"))
        |> List.sort
        |> List.map read

    /// The page's F# as scripts: blocks go on from one another, and one with a file of its own or a `#load` begins anew.
    let scripts page =
        page.Blocks
        |> List.filter (fun block -> block.Language = "fsharp")
        |> List.fold
            (fun scripts block ->
                match scripts with
                | (first, text) :: others when block.Words = "" && not (block.Text.Contains "#load") ->
                    (first, text + "\n" + block.Text) :: others
                | others -> (block, block.Text) :: others)
            []
        |> List.rev

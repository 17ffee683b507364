/// The peer in Python, and our own step as a process of its own beside it.
module LongTail.Benchmarks.Peer

open System
open System.Diagnostics
open System.Globalization
open System.IO
open System.Text.RegularExpressions

type Measured = { Milliseconds: float; PeakMiB: float }

/// Both programs print "... median X ms/step ... peak RSS Y MiB".
let private line =
    Regex @"median (?<ms>[\d.]+) ms/step.*peak RSS (?<mib>[\d.]+) MiB"

let private number (found: Match) (group: string) =
    Double.Parse(found.Groups[group].Value, CultureInfo.InvariantCulture)

let print (rule: string) measured =
    printfn $"ours {rule}: median %.1f{measured.Milliseconds} ms/step peak RSS %.0f{measured.PeakMiB} MiB"

let private run (command: string) (arguments: string list) =
    let info = ProcessStartInfo(command, arguments, RedirectStandardOutput = true)
    use child = new Process(StartInfo = info)
    child.Start() |> ignore
    let text = child.StandardOutput.ReadToEnd()
    child.WaitForExit()
    let found = line.Match text

    if child.ExitCode <> 0 || not found.Success then
        failwith $"""{command} {String.concat " " arguments} ended with code {child.ExitCode}: {text}"""

    {
        Milliseconds = number found "ms"
        PeakMiB = number found "mib"
    }

/// Our step in a process of its own: this program, with the hidden command `one`.
let ours (size: Step.Size) steps rule =
    let own = Environment.GetCommandLineArgs()[0]
    run "dotnet" [ own; "one"; rule; $"{size.Side}"; $"{size.Batch}"; $"{steps}" ]

/// The Python step; Debian's interpreter is the one that has Debian's PyTorch.
let theirs script weights (size: Step.Size) steps rule =
    let options =
        [
            "--side"
            $"{size.Side}"
            "--batch"
            $"{size.Batch}"
            "--steps"
            $"{steps}"
            "--rule"
            rule
        ]

    run "/usr/bin/python3" (script :: weights :: options)

/// peer_step.py beside the repository, or where the person says.
let find given =
    let beside =
        Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "shared", "bench", "peer_step.py")

    given |> Option.orElse (Some beside) |> Option.filter File.Exists

/// Steps as processes of their own: ours, that of plain TorchSharp on the same libtorch, and PyTorch's in Python.
module LongTail.Benchmarks.Peer

open System
open System.Diagnostics
open System.Globalization
open System.IO
open System.Text.RegularExpressions
open LongTail.Core

/// An evaluation pass, timed as a rule is.
let evaluation = "eval"

type Measured =
    {
        Milliseconds: float
        PeakMiB: float
        /// Operations of the step over the matrix products that the machine did in the same time; the peer counts them.
        Utilisation: float option
    }

/// Both programs print "... median X ms/step ... peak RSS Y MiB", the peer's training step its utilisation too.
let private line =
    Regex @"median (?<ms>[\d.]+) ms/step(.*utilisation (?<share>[\d.]+) of \d+ GFLOP/s)?.*peak RSS (?<mib>[\d.]+) MiB"

let private number (found: Match) (group: string) =
    Double.Parse(found.Groups[group].Value, CultureInfo.InvariantCulture)

let print (what: string) milliseconds peak =
    printfn $"{what}: median %.1f{milliseconds} ms/step peak RSS %.0f{peak} MiB"

let private run (variables: (string * string) list) (command: string) (arguments: string list) =
    let info = ProcessStartInfo(command, arguments, RedirectStandardOutput = true)

    for name, value in variables do
        info.Environment[name] <- value

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
        Utilisation =
            if found.Groups["share"].Success then
                Some(number found "share")
            else
                None
    }

/// What computes the blocks of a step of ours.
type Blocks =
    | Kernels
    /// Libtorch's own operators, as whoever writes the model in TorchSharp has them.
    | Plain

/// A step in a process of its own: this program, with the hidden command `one`. Plain blocks are fastest with threads that spin.
let one blocks precision (size: Step.Size) steps rule =
    let own = Environment.GetCommandLineArgs()[0]

    let variables =
        if blocks = Plain then
            [ "OMP_WAIT_POLICY", "active" ]
        else
            []

    run
        variables
        "dotnet"
        [
            own
            "one"
            $"{blocks}"
            $"{precision}"
            rule
            $"{size.Side}"
            $"{size.Batch}"
            $"{steps}"
        ]

/// Debian's interpreter, the one that has Debian's PyTorch.
let private python = "/usr/bin/python3"

/// Whether there is a PyTorch to compare with.
let hasTorch () =
    let info =
        ProcessStartInfo(python, [ "-c"; "import torch" ], RedirectStandardError = true)

    File.Exists python
    && (use child = Process.Start info |> nonNull
        child.StandardError.ReadToEnd() |> ignore
        child.WaitForExit()
        child.ExitCode = 0)

let private sized (size: Step.Size) steps =
    [ "--side"; $"{size.Side}"; "--batch"; $"{size.Batch}"; "--steps"; $"{steps}" ]

let theirs script weights size steps rule =
    let arguments =
        if rule = evaluation then
            Path.Combine(__SOURCE_DIRECTORY__, "peer_eval.py")
            :: script
            :: weights
            :: sized size steps
        else
            script :: weights :: sized size steps @ [ "--rule"; rule ]

    run [] python arguments

/// peer_step.py beside the repository, or where the person says.
let find given =
    let beside =
        Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "shared", "bench", "peer_step.py")

    match given with
    | Some file when not (File.Exists file) ->
        raise (InputException $"--peer {file}: there is no such file; give the path of peer_step.py")
    | given -> given |> Option.orElse (Some beside) |> Option.filter File.Exists

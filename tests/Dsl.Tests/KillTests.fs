/// The program itself, killed without warning and started twice on one store.
module LongTail.Tests.KillTests

open System
open System.Diagnostics
open System.IO
open System.Text.RegularExpressions
open Expecto
open LongTail
open LongTail.Core.Training
open LongTail.Tests.TempFolder

let private house = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "../.."))

let private script =
    $"""#load "{house}/experiments/longtail.fsx"
open LongTail

experiment "tiny" {{
    dataset (FashionMnist |> longTailed 10. |> imagesPerClass 60 |> testImages 20)
    input (side 32)
    model (drawnVit {{ InputSide = 32; PatchSize = 8; Width = 32; Depth = 2; Heads = 2 }})
    loss (crossEntropy |> labelSmoothing 0.1)
    optimizer (sgd 0.05 |> momentum 0.9)
    schedule (cosine 20<epoch>)
    batch 16
}}
|> vary perturbation [ sam 0.05; gnm 0.005 ]
|> seeds [ 0 .. 2 ]
|> run
"""

/// Starts the sweep's program on this store.
let private start folder (store: Store) =
    let file = Path.Combine(folder, "tiny.fsx")
    File.WriteAllText(file, script)

    let words =
        [
            Path.Combine(house, "longtail")
            "run"
            file
            "--store"
            store.Folder
            "--workers"
            "2"
        ]

    let info =
        ProcessStartInfo("sh", words, RedirectStandardOutput = true, RedirectStandardError = true)

    info.Environment["OMP_WAIT_POLICY"] <- "passive"
    let child = Unchecked.nonNull (Process.Start info)
    child.OutputDataReceived.Add ignore
    child.BeginOutputReadLine()
    child

let private finished (child: Process) =
    let complaints = child.StandardError.ReadToEnd()
    child.WaitForExit()
    Expect.equal child.ExitCode 0 complaints

let private inStore folder name = { Folder = Path.Combine(folder, name) }

/// All of a result that is not time or memory, in the order of the hashes.
let private values store =
    StoredRun.all store
    |> List.map (fun run ->
        match run.State with
        | Done result ->
            run.Hash, result.Accuracy, List.ofSeq result.ClassAccuracy, [ for epoch in result.Epochs -> epoch.Loss ]
        | state -> failtest $"{run.Label}: %A{state}")

/// The log says when a run starts and when it is done.
let private expectOnce store =
    for run in StoredRun.all store do
        let log = File.ReadAllText(Store.logFile store run.Hash)
        Expect.hasLength (Regex.Matches(log, "is done") |> List.ofSeq) 1 log
        Expect.isFalse (Regex.IsMatch(log, "(?s)is done.*starts")) log

[<Tests>]
let tests =
    test "a sweep killed at any moment ends with an undisturbed one's values, and two at once share it" {
        inTempFolder (fun folder ->
            let undisturbed, killed = inStore folder "undisturbed", inStore folder "killed"

            // At once: what the one holds, the other waits for.
            let both = [ start folder undisturbed; start folder undisturbed ]
            both |> List.iter finished
            expectOnce undisturbed

            for run in StoredRun.all undisturbed do
                let log = File.ReadAllText(Store.logFile undisturbed run.Hash)
                Expect.hasLength (Regex.Matches(log, "starts") |> List.ofSeq) 1 log

            let moments = Random 3

            for _ in 1..4 do
                use child = start folder killed

                child.WaitForExit(TimeSpan.FromSeconds(1. + 2. * moments.NextDouble()))
                |> ignore

                child.Kill true
                child.WaitForExit()

            finished (start folder killed)
            expectOnce killed
            Expect.hasLength (values killed) 6 "runs"
            Expect.equal (values killed) (values undisturbed) "values")
    }

/// Finished runs in memory, and what a report says of them.
module LongTail.Tests.ReportSamples

open System
open System.Text.Json
open LongTail.Core.Evaluation
open LongTail.Core.Training
open LongTail
open LongTail.Commands
open LongTail.Reports
open LongTail.Tests.Samples

let drw = gcl 25. |> deferReweighting 4<epoch>

/// Three optimizers under two losses.
let ablation count =
    pretraining
    |> vary perturbation [ none; sam 0.05; gnm 0.005 ]
    |> vary loss [ crossEntropy; drw ]
    |> seeds [ 0 .. count - 1 ]

let private hashOf row (e: Experiment) = $"{row}-{e.Seed}"

/// A run each of the sweep, in its order, and their settings by the runs' hashes.
let runs (answer: Experiment -> RunResult) sweep =
    let numbered =
        Sweep.settings sweep
        |> List.groupBy (fun s -> { s with Setting.Experiment.Seed = 0L })
        |> List.indexed
        |> List.collect (fun (row, (_, settings)) -> [ for setting in settings -> row, setting ])

    let known = Map [ for row, s in numbered -> hashOf row s.Experiment, s.Experiment ]

    let settings hash =
        let resolved = settingsOf known[hash]
        use parsed = JsonDocument.Parse(Identity.canonical resolved)
        Leaves.ofJson (parsed.RootElement.GetProperty("settings").Clone()), Some resolved

    let rows: ExportRow list =
        [
            for row, s in numbered do
                {
                    Hash = hashOf row s.Experiment
                    Names = []
                    Words = s.Labels
                    Row = row
                    Frozen = false
                    Tuned = Tuned.ofRun s.Labels (settingsOf s.Experiment)
                    Evaluation = s.Experiment.Evaluation
                    Groups = Experiment.groups s.Experiment
                    Threads = []
                    Seed = s.Experiment.Seed
                    Result = answer s.Experiment
                }
        ]

    rows, settings

let private environment: (string * JsonElement) list =
    let text (value: string) = JsonSerializer.SerializeToElement value

    [
        "Experiment", text "sample"
        "Device", text "cpu"
        "Threads", JsonSerializer.SerializeToElement 2
        "Changes", text ""
    ]

/// Of the run of the second seed of every setting; where it has no number it is higher than any.
let surfaceOf (hash: string) =
    let rows: System.Collections.Generic.IReadOnlyList<Nullable<float>> list =
        [
            [| Nullable 2.5; Nullable 1.5; Nullable() |]
            [| Nullable 1.25; Nullable 0.5; Nullable 1.75 |]
            [| Nullable 2.; Nullable 1.; Nullable 3. |]
        ]

    if hash.EndsWith "-1" then
        Some(LossSurface([| -1.; 0.; 1. |], List.toArray rows, 256))
    else
        None

/// The report of these runs, compared by the first axis, and of two more that have no result.
let accountOf (rows: ExportRow list, settings) =
    let contenders = Contender.ofRows "sample" settings rows

    let entries: Entry list =
        [
            for row in rows do
                {
                    Hash = row.Hash
                    Training = ""
                    Experiment = "sample"
                    Label = row.Hash
                    Dataset = ""
                    State = Some(Done row.Result)
                }

            {
                Hash = "f"
                Training = ""
                Experiment = "sample"
                Label = "broken"
                Dataset = ""
                State = Some(Failed { Fault = "no data"; Cause = Input })
            }

            {
                Hash = "t"
                Training = ""
                Experiment = "sample"
                Label = "absent"
                Dataset = ""
                State = None
            }
        ]

    Account.make
        "sample"
        (Baseline.ofSweep contenders)
        "name another"
        [ "a finding" ]
        (rows |> List.map (fun _ -> environment))
        surfaceOf
        entries
        [ "Not in the table: 2 of 8 runs." ]
        contenders

let account answer sweep = accountOf (runs answer sweep)

/// A result of four classes, of which the last two are the tail.
let wholeResult (accuracy: float) (tail: float) (loss: float) seconds =
    RunResult(
        accuracy,
        [| accuracy + 0.1; accuracy - 0.1; tail + 0.05; tail - 0.05 |]
        |> Array.map (fun share -> Nullable share),
        [| 600; 60; 10; 6 |],
        [| "a"; "b"; "c"; "d" |],
        [| 0..3 |],
        accuracy,
        tail,
        Calibration(
            0.1,
            0.2,
            [|
                ReliabilityBin(10, 0.35, 0.3)
                ReliabilityBin(30, 0.75, accuracy)
                ReliabilityBin(60, 0.95, 0.9)
            |]
        ),
        2,
        seconds,
        9600L,
        870.5,
        [||],
        [|
            for epoch in 0..2 -> EpochResult(epoch, 0.01, loss / float (epoch + 1), seconds, 0L, Samples.alone)
        |]
    )

/// GNM gains under the deferred loss and nothing else does; SAM costs twice as much.
let answer (e: Experiment) =
    let luck = [| 0.; 0.013; -0.007; 0.004; 0.009 |][int e.Seed % 5]
    let noise = [| 0.002; -0.001; 0.; 0.001; -0.002 |][int e.Seed % 5]
    let deferred = e.Loss <> crossEntropy

    let gain, seconds =
        match e.Optimizer.Perturbation with
        | Some(Gnm _) when deferred -> 0.02 + noise, 1.02
        | Some(Gnm _) -> 3. * noise, 1.02
        | Some _ -> 6. * noise - 0.004, 2.
        | None -> 0., 1.

    let accuracy = (if deferred then 0.62 else 0.54) + luck + gain
    wholeResult accuracy (accuracy + (if deferred then 0.15 else -0.1)) (if deferred then 3. else 1.2) seconds

/// The page in Chromium, without a network: web/test/browser.js says what it looks for.
module LongTail.Tests.BrowserTests

open System.Diagnostics
open System.IO
open Expecto
open LongTail
open LongTail.Core.Training
open LongTail.Reports
open LongTail.Tests.ReportSamples
open LongTail.Tests.TempFolder

let private root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "../../.."))

/// Runs a script of web/test, which prints what is wrong.
let private node name words =
    let script = Path.Combine(root, "web/test", name)

    match Process.Start(ProcessStartInfo("node", script :: words, RedirectStandardOutput = true)) with
    | null -> failtest "node does not start"
    | child ->
        use child = child
        let faults = child.StandardOutput.ReadToEnd()
        child.WaitForExit()
        Expect.equal (child.ExitCode, faults) (0, "") $"faults that {name} finds"

let private opens account =
    for needed in [ "/usr/bin/chromium"; Path.Combine(root, "web/node_modules/playwright-core") ] do
        if not (Path.Exists needed) then
            skiptest $"{needed} is not here: `dotnet fsi build.fsx test` brings it"

    inTempFolder (fun folder ->
        let file = Path.Combine(folder, "report.html")
        File.WriteAllText(file, Page.html account)

        node "browser.js" [ file ])

[<Tests>]
let tests =
    testSequenced
    <| testList
        "report in Chromium"
        [
            testCase "every chart is drawn, wide and narrow, light and dark" (fun () ->
                opens (account answer (ablation 3)))
            testCase "axes have round ticks, evenly spaced, over whatever range" (fun () -> node "ticks.js" [])
            testCase
                "classes of one size have an axis too, and a loss that turns at several epochs its marks"
                (fun () ->
                    let alike (e: Experiment) =
                        let r = answer e

                        RunResult(
                            r.Accuracy,
                            r.ClassAccuracy,
                            [| 500; 500; 500; 500 |],
                            r.ClassNames,
                            r.ClassLabels,
                            r.Harmonic,
                            r.Worst,
                            r.Calibration,
                            r.Epoch,
                            r.SecondsPerEpoch,
                            r.TrainedValues,
                            r.PeakMemoryMiB,
                            [||],
                            r.Epochs
                        )

                    Samples.pretraining
                    |> vary loss [ crossEntropy; crossEntropy |> deferReweighting 5<epoch>; drw ]
                    |> vary
                        sampling
                        [
                            instanceSampling
                            instanceSampling |> deferResampling 1<epoch> classBalancedSampling
                        ]
                    |> seeds [ 0; 1 ]
                    |> account alike
                    |> opens)
            testCase "one setting of one seed is a page too" (fun () -> opens (account answer Samples.pretraining))
            testCase "a thousand settings are too" (fun () ->
                Samples.pretraining
                |> vary perturbation [ none; gnm 0.005 ]
                |> vary learningRate [ for i in 1..500 -> 0.0001 * float i ]
                |> seeds [ 0; 1 ]
                |> account answer
                |> opens)
        ]

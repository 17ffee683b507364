/// The page in Chromium, without a network: web/test/browser.js says what it looks for.
module LongTail.Tests.BrowserTests

open System.Diagnostics
open System.IO
open Expecto
open LongTail
open LongTail.Reports
open LongTail.Tests.ReportSamples
open LongTail.Tests.TempFolder

let private root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "../../.."))
let private script = Path.Combine(root, "web/test/browser.js")

let private opens account =
    for needed in [ "/usr/bin/chromium"; Path.Combine(root, "web/node_modules/playwright-core") ] do
        if not (Path.Exists needed) then
            skiptest $"{needed} is not here: `dotnet fsi build.fsx test` brings it"

    inTempFolder (fun folder ->
        let file = Path.Combine(folder, "report.html")
        File.WriteAllText(file, Page.html account)

        match Process.Start(ProcessStartInfo("node", [ script; file ], RedirectStandardOutput = true)) with
        | null -> failtest "node does not start"
        | child ->
            use child = child
            let faults = child.StandardOutput.ReadToEnd()
            child.WaitForExit()
            Expect.equal (child.ExitCode, faults) (0, "") "faults of the page")

[<Tests>]
let tests =
    testSequenced
    <| testList
        "report in Chromium"
        [
            testCase "every chart is drawn, wide and narrow, light and dark" (fun () ->
                opens (account answer (ablation 3)))
            testCase "one setting of one seed is a page too" (fun () -> opens (account answer Samples.pretraining))
            testCase "a thousand settings are too" (fun () ->
                Samples.pretraining
                |> vary perturbation [ none; gnm 0.005 ]
                |> vary learningRate [ for i in 1..500 -> 0.0001 * float i ]
                |> seeds [ 0; 1 ]
                |> account answer
                |> opens)
        ]

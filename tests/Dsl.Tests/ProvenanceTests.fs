/// Who asked for a run, with what, and how the store tells it.
module LongTail.Tests.ProvenanceTests

open System.IO
open System.Text.Json
open System.Threading
open Expecto
open LongTail
open LongTail.Commands
open LongTail.Core.Files
open LongTail.Core.Training
open LongTail.Tests.Samples
open LongTail.Tests.StoreSamples
open LongTail.Tests.TempFolder

let private execute store place sweep =
    let policy = { Workers = 1; Failures = KeepGoing }

    let trainer: LongTail.Trainer =
        fun _ there _ _ ->
            WholeFile.Write(string there.CheckpointFile, (fun stream -> stream.WriteByte 1uy))
            result 0.5 1. |> timedWith (MachineShare(place.Device, place.Threads, 0))

    Runner.execute trainer store place policy ignore CancellationToken.None (planned store sweep)
    |> ignore

let private member' (name: string) (element: JsonElement) = string (element.GetProperty name)

/// A repository with this script in it, which no commit has.
let private inRepository body =
    inTempFolder (fun folder ->
        let git arguments =
            Origin.git folder ([ "-c"; "user.name=test"; "-c"; "user.email=test@localhost" ] @ arguments)
            |> ignore

        let script = Path.Combine(folder, "asks.fsx")
        git [ "init"; "--quiet" ]
        git [ "commit"; "--quiet"; "--allow-empty"; "-m"; "empty" ]
        File.WriteAllText(script, "let first = 1")
        body folder script git)

let private statesOf (script: string) = (Origin.ofScript (Some script)).State

let private on data rate =
    experiment "pretraining" {
        dataset data
        input (decode |> resizeShort 32 |> centreCrop 32)

        model (
            drawnVit
                {
                    InputSide = 32
                    PatchSize = 8
                    Width = 64
                    Depth = 2
                    Heads = 2
                }
        )

        loss crossEntropy
        optimizer (sgd rate)
        schedule (cosine 6<epoch>)
    }

[<Tests>]
let tests =
    testList
        "provenance"
        [
            testCase
                "different numbers of threads are told where a whole backbone is trained, and nowhere else"
                (fun () ->
                    inStore (fun store ->
                        let told sweep =
                            let plan = planned store sweep
                            ThreadCounts.lines plan (Plan.results plan)

                        let onThreads count sweep =
                            execute store { Place.here with Threads = count } sweep

                        for sweep in [ pretraining; prompting ] do
                            sweep |> vary learningRate [ 0.1 ] |> onThreads 1
                            sweep |> vary learningRate [ 0.2 ] |> onThreads 2

                        Expect.isEmpty (told (pretraining |> vary learningRate [ 0.1 ])) "one number"
                        Expect.isEmpty (told (prompting |> vary learningRate [ 0.1; 0.2 ])) "a frozen backbone"

                        let several =
                            "Trained on 1 and 2 threads (--threads, --workers): where a whole backbone is trained, last bits depend on that, and numbers may by some tenths of a point."

                        Expect.equal (told (pretraining |> vary learningRate [ 0.1; 0.2 ])) [ several ] "two numbers"

                        // A store's tables say so too.
                        for format in [ "md"; "latex" ] do
                            let text = Export.writer format (ExportRow.ofSubject (subjectOf store [])) []
                            Expect.stringContains text several format))

            testCase "a script that no commit has is marked, and its text is kept and shown" (fun () ->
                inRepository (fun folder script _ ->
                    let store: Store =
                        {
                            Folder = Path.Combine(folder, "runs")
                        }

                    let place = { Place.here with Script = Some script }

                    let sweep = prompting
                    execute store place sweep
                    // What a person writes later is not what was asked.
                    File.WriteAllText(script, "let second = 2")
                    let hash = (planned store sweep).Runs |> List.last |> _.Hash
                    let kept = Store.environment store hash
                    Expect.equal (member' "Script" kept) script "path"
                    Expect.equal (member' "ScriptText" kept) "let first = 1" "text"
                    Expect.equal (member' "ScriptState" kept) "changed: no commit has it" "state"
                    Expect.equal (member' "Weights" kept) (Path.GetFullPath "some.safetensors") "weights"
                    Expect.stringContains (member' "CommandLine" kept) "Dsl.Tests" "command line"
                    Expect.isNonEmpty (kept.GetProperty("Data").EnumerateArray() |> List.ofSeq) "data"
                    let shown = Show.lines store hash
                    Expect.contains shown $"  {script}: changed: no commit has it" "shown"
                    Expect.contains shown "  let first = 1" "its text"))
            testTheory
                "a script is as in the commit, changed since, or in no repository"
                [ "as in the commit"; "changed since the commit"; "in no repository" ]
                (fun expected ->
                    inRepository (fun folder script git ->
                        match expected with
                        | "in no repository" -> Directory.Delete(Path.Combine(folder, ".git"), true)
                        | _ ->
                            git [ "add"; "asks.fsx" ]
                            git [ "commit"; "--quiet"; "-m"; "script" ]

                        if expected = "changed since the commit" then
                            File.WriteAllText(script, "let first = 3")

                        Expect.equal (statesOf script) expected "state"))
            testCase "lists and folders are told by their paths" (fun () ->
                for data in
                    [
                        listFiles "a/train.txt" "a/test.txt"
                        classFolders "a/train.txt" "a/test.txt"
                    ] do
                    let run = (planned { Folder = "nowhere" } (on data 0.01)).Runs.Head

                    Expect.equal
                        (Provenance.now Place.here run None).Data
                        [ Path.GetFullPath "a/train.txt"; Path.GetFullPath "a/test.txt" ]
                        "paths")
            testCase "status of a store tells runs of two data sets, and of two rates, apart" (fun () ->
                inStore (fun store ->
                    // Each sweep has one run, and calls it by nothing.
                    execute store Place.here (on FashionMnist 0.01)
                    execute store Place.here (on Cifar10 0.01)
                    execute store Place.here (on Cifar10 0.02)
                    let lines = Status.lines (subjectOf store [])

                    for words in [ "FashionMnist"; "sgd 0.01"; "sgd 0.02" ] do
                        Expect.hasLength (lines |> List.filter _.Contains(words)) 1 words

                    Expect.hasLength (lines |> List.filter _.Contains("Cifar10")) 2 "both"))
            testCase "status and show as JSON say what they say in words" (fun () ->
                inStoreOf [ 0.5 ] (pretraining |> vary imbalance [ 2.; 4. ]) (fun store plan ->
                    use status = JsonDocument.Parse(Status.json (subjectOf store []))
                    let runs = status.RootElement.GetProperty("runs").EnumerateArray() |> List.ofSeq

                    let of' (run: PlannedRun) =
                        runs |> List.find (fun found -> member' "hash" found = run.Hash)

                    Expect.equal (member' "state" (of' plan.Runs[0])) "done" "state"
                    Expect.equal ((of' plan.Runs[0]).GetProperty("accuracy").GetDouble()) 0.5 "accuracy"
                    Expect.equal (member' "state" (of' plan.Runs[1])) "stopped" "state"
                    Expect.equal ((of' plan.Runs[1]).GetProperty("accuracy").ValueKind) JsonValueKind.Null "none"
                    use shown = JsonDocument.Parse(Show.json store plan.Runs[0].Hash)
                    Expect.equal (member' "state" shown.RootElement) "done" "state"

                    Expect.equal
                        (shown.RootElement.GetProperty("result").GetProperty("Accuracy").GetDouble())
                        0.5
                        "as in the file"

                    use planned = JsonDocument.Parse(PlanTable.json store 2 Map.empty plan)
                    Expect.equal (planned.RootElement.GetProperty("runs").GetArrayLength()) 2 "runs"
                    Expect.equal (planned.RootElement.GetProperty("seconds").ValueKind) JsonValueKind.Null "not timed"))
        ]

/// Files of finished runs that are changed, emptied or lost, and disks that take no more.
module LongTail.Tests.DamageTests

open System
open System.IO
open System.Threading
open Expecto
open LongTail
open LongTail.Commands
open LongTail.Core.Files
open LongTail.Tests.Samples
open LongTail.Tests.StoreSamples
open LongTail.Tests.TempFolder

let private sweep = pretraining |> vary imbalance [ 2.; 4. ]

let private keepGoing = { Workers = 1; Failures = KeepGoing }

/// Writes a checkpoint and an epoch as a real one does.
let private trainer: Trainer =
    fun _ place tell _ ->
        let found = result 0.75 1.
        WholeFile.Write(string place.CheckpointFile, (fun stream -> stream.Write(Array.zeroCreate<byte> 64)))

        for epoch in found.Epochs do
            tell (LongTail.Core.Training.TrainingProgress(epoch.Epoch, 2, 0.5, Nullable(), epoch))

        found

let private execute store =
    Runner.execute trainer store Place.here keepGoing ignore CancellationToken.None (planned store sweep)

/// A store of two finished runs, and the path of a file of its first.
let private inFinished body =
    inStore (fun store ->
        execute store |> ignore
        let hash = (planned store sweep).Runs.Head.Hash
        body store hash (fun name -> Path.Combine(Store.folder store hash, name)))

let private state store hash = (StoredRun.find store hash).State

/// A digit or a letter of the file becomes another one.
let private alter (path: string) =
    let bytes = File.ReadAllBytes path
    let place = bytes |> Array.findIndexBack (fun byte -> byte >= 48uy && byte < 57uy)
    bytes[place] <- bytes[place] + 1uy
    File.WriteAllBytes(path, bytes)

let private empty path = File.WriteAllText(path, "")

let private expectAnew store hash =
    let plan = planned store sweep
    Expect.stringContains (PlanTable.total store plan) "1 to do, of which 1 damaged" "counted"
    Expect.isSome plan.Runs.Head.Damage "told"

    Expect.equal
        (ExportRow.ofSubject (subjectOf store []) |> List.map _.Hash)
        [ plan.Runs[1].Hash ]
        "no row of an export"

    Expect.exists (Status.lines (subjectOf store [])) _.StartsWith($"{hash}  damaged") "status"
    let outcome = execute store
    Expect.equal (outcome.Broken.Length, outcome.Results.Count) (0, 2) "run anew"
    Expect.isTrue (state store hash).IsDone "done"
    Expect.equal (Verify.lines (subjectOf store []) |> snd) true "whole"

[<Tests>]
let tests =
    testList
        "damage"
        [
            for name, how, harm in
                [
                    "result.json", "altered", alter
                    "result.json", "emptied", empty
                    "experiment.json", "altered", alter
                    "experiment.json", "emptied", empty
                    "environment.json", "lost", File.Delete
                    "metrics.jsonl", "altered", alter
                    "metrics.jsonl", "emptied", empty
                    "metrics.jsonl", "lost", File.Delete
                    "digest.json", "altered", alter
                    "digest.json", "emptied", empty
                    "digest.json", "lost", File.Delete
                ] do
                testCase $"a finished run whose {name} is {how} is damaged, is no result and is run anew" (fun () ->
                    inFinished (fun store hash file ->
                        Expect.isTrue (state store hash).IsDone "before"
                        harm (file name)

                        match state store hash with
                        | Damaged why ->
                            Expect.stringContains why store.Folder "where"
                            Expect.isFalse (why.Contains '\n') "one line"
                        | other -> failtest $"%A{other}"

                        expectAnew store hash))
            testCase "the bytes of a checkpoint are verify's to read, and what it finds others know" (fun () ->
                inFinished (fun store hash _ ->
                    let training = PlannedRun.training (planned store sweep).Runs.Head
                    let file = Store.checkpoint store training
                    let whole = File.ReadAllBytes file
                    let harmed = Array.copy whole
                    harmed[7] <- 1uy
                    File.WriteAllBytes(file, harmed)
                    Expect.isTrue (StoredTraining.state store training).IsWhole "of the same length"
                    let lines, isWhole = Verify.lines (subjectOf store [])
                    Expect.isFalse isWhole "damaged"
                    Expect.stringStarts lines.Head $"{training}  damaged" "which"
                    Expect.stringContains lines.Head "checkpoint.safetensors" "what"
                    Expect.stringContains lines[1] "2 of 2 finished runs and 1 of 2 trainings" "count"
                    Expect.isTrue (StoredTraining.state store training).IsDamaged "known"
                    Expect.isTrue (state store hash).IsDone "the result was made before"
                    Expect.equal (Program.main [| "verify"; store.Folder |]) 2 "exit code"
                    // As from a backup.
                    File.WriteAllBytes(file, whole)
                    Expect.equal (Program.main [| "verify"; store.Folder |]) 0 "mended"
                    Expect.isTrue (StoredTraining.state store training).IsWhole "whole again"))
            testCase "a checkpoint that gc removed and a surface that came later are no damage" (fun () ->
                inFinished (fun store hash file ->
                    let training = PlannedRun.training (planned store sweep).Runs.Head
                    File.Delete(Store.checkpoint store training)

                    Store.keepSurface
                        store
                        hash
                        (LongTail.Core.Training.LossSurface([| 0. |], [| [| Nullable 0.5 |] |], 3))

                    Expect.isTrue (state store hash).IsDone "done"
                    Expect.isTrue (Verify.lines (subjectOf store []) |> snd) "whole"
                    alter (file "surface.json")
                    Expect.isFalse (Verify.lines (subjectOf store []) |> snd) "held too"))
        ]

/// What a write of this file in this folder goes to: a device without room. Files are written beside and renamed.
let private fill folder name =
    let written = if name = "log.txt" then name else name + ".part"
    let path = Path.Combine(folder, written)
    Directory.CreateDirectory folder |> ignore
    File.Delete path
    File.CreateSymbolicLink(path, "/dev/full") |> ignore
    path

[<Tests>]
let full =
    testTheory
        "a disk that fills ends the sweep in one line and code 2, and the next run goes on"
        [
            "run", "experiment.json"
            "run", "environment.json"
            "run", "log.txt"
            "run", "metrics.jsonl"
            "run", "digest.json"
            "run", "result.json"
            "training", "environment.json"
            "training", "log.txt"
            "training", "checkpoint.safetensors"
            "training", "digest.json"
        ]
        (fun (of', name) ->
            inStore (fun store ->
                let given =
                    match Command.read Command.run [ "--store"; store.Folder ] with
                    | Ok(Some given) -> given
                    | other -> failtest $"%A{other}"

                let first =
                    match CommandLine.planned (Session.bare given) sweep with
                    | Ok plan -> plan.Runs.Head
                    | Error lines -> failtest $"%A{lines}"

                let path =
                    if of' = "run" then
                        fill (Store.folder store first.Hash) name
                    else
                        fill (Store.folder (Store.trainings store) (PlannedRun.training first)) name

                let run () =
                    use said = new StringWriter()
                    let before = Console.Error
                    Console.SetError said

                    try
                        let ending = CommandLine.execute (fun _ _ -> []) trainer (Session.bare given) sweep

                        ending.Code, said.ToString().TrimEnd().Split '\n' |> List.ofArray
                    finally
                        Console.SetError before

                let code, lines = run ()
                Expect.equal code 2 "code"
                let line = lines |> List.filter _.Contains("cannot be written") |> List.exactlyOne
                Expect.stringContains line $"{name} cannot be written: the disk is full" "what and why"
                Expect.isEmpty (lines |> List.filter _.Contains("defect")) "no defect"

                Expect.equal
                    (Store.hashes store |> List.filter ((<>) first.Hash))
                    []
                    "the second would fare no better"

                File.Delete path
                Expect.equal (fst (run ())) 0 "goes on"
                Expect.all (StoredRun.all store) _.State.IsDone "to the end"))

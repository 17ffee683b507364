/// Files of finished runs that are changed, emptied or lost, and disks that take no more.
module LongTail.Tests.DamageTests

open System
open System.IO
open System.Text.Json.Nodes
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

/// The digest tells what these words make of what it told.
let private retell change path =
    let members =
        JsonNode.Parse(File.ReadAllText path)
        |> Option.ofObj
        |> Option.get
        |> _.AsObject()

    change members
    File.WriteAllText(path, members.ToJsonString())

let private tellNothing = retell _.Clear()

let private leaveOut (name: string) = retell (_.Remove(name) >> ignore)

/// As if the file's bytes were those of another one, which lies where no run's does.
let private tellOf (name: string) =
    retell (fun members -> members.Add(name, nonNull(members["result.json"]).DeepClone()))

/// A folder of the same files under another name of the kind.
let private copied = "0123456789ab"

let private copy (folder: string) =
    let other = Path.Combine(nonNull (Path.GetDirectoryName folder), copied)
    Directory.CreateDirectory other |> ignore

    for file in Directory.GetFiles folder do
        File.Copy(file, Path.Combine(other, string (Path.GetFileName file)))

    other

let private expectOneLine (why: string) =
    Expect.isFalse (why.Contains '\n') "one line"

/// Of the two runs the other one is whole.
let private expectAnew store hash =
    let plan = planned store sweep
    let damaged, whole = plan.Runs |> List.partition (fun run -> run.Hash = hash)
    Expect.stringContains (PlanTable.total store plan) "1 to do, of which 1 damaged" "counted"
    Expect.isSome (List.exactlyOne damaged).Damage "told"

    Expect.equal
        (ExportRow.ofSubject (subjectOf store []) |> List.map _.Hash)
        (whole |> List.map _.Hash)
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
                    "digest.json", "told of nothing", tellNothing
                    "digest.json", "told no result", leaveOut "result.json"
                    "digest.json", "told no epochs", leaveOut "metrics.jsonl"
                    "digest.json", "told of no number", retell (fun members -> members["result.json"] <- null)
                    "digest.json", "told of a file elsewhere", tellOf "../../etc/passwd"
                    "digest.json", "told of a file that no run has", tellOf "log.txt"
                ] do
                testCase $"a finished run whose {name} is {how} is damaged, is no result and is run anew" (fun () ->
                    inFinished (fun store hash file ->
                        Expect.isTrue (state store hash).IsDone "before"
                        harm (file name)

                        match state store hash with
                        | Damaged why ->
                            Expect.stringContains why store.Folder "where"
                            expectOneLine why
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
                    let digest = File.ReadAllText(file "digest.json")
                    leaveOut "surface.json" (file "digest.json")
                    Expect.isTrue (state store hash).IsDamaged "a surface that the digest does not tell"
                    File.WriteAllText(file "digest.json", digest)
                    alter (file "surface.json")
                    Expect.isFalse (Verify.lines (subjectOf store []) |> snd) "held too"))
            testCase "a training whose digest tells nothing is damaged" (fun () ->
                inFinished (fun store _ _ ->
                    let training = PlannedRun.training (planned store sweep).Runs.Head
                    let there = Store.folder (Store.trainings store) training
                    tellNothing (Path.Combine(there, "digest.json"))
                    Expect.isTrue (StoredTraining.state store training).IsDamaged "state"
                    let lines, isWhole = Verify.lines (subjectOf store [])
                    Expect.isFalse isWhole "damaged"

                    Expect.stringContains
                        lines.Head
                        "tells nothing of environment.json, checkpoint.safetensors"
                        "what"))
            testCase "a folder that was copied to another name is damaged, and its run is not" (fun () ->
                inFinished (fun store hash _ ->
                    let training = PlannedRun.training (planned store sweep).Runs.Head
                    let there = Store.trainings store
                    copy (Store.folder store hash) |> ignore
                    copy (Store.folder there training) |> ignore

                    match state store copied, StoredTraining.state store copied with
                    | Damaged ofRun, TrainingState.Damaged ofTraining ->
                        for why, name in [ ofRun, hash; ofTraining, training ] do
                            Expect.stringContains
                                why
                                $"{copied} holds what belongs to {name}, a copy of it: remove it with `longtail gc`"
                                "why"

                            expectOneLine why
                    | other -> failtest $"%A{other}"

                    Expect.isTrue (state store hash).IsDone "its own name"
                    Expect.isTrue (StoredTraining.state store training).IsWhole "its own name"

                    Directory.Move(Store.folder store hash, Store.folder store "fedcba987654")

                    match state store copied with
                    | Damaged why -> Expect.stringContains why "renamed: rename it to that" "without the other"
                    | other -> failtest $"%A{other}"

                    Directory.Move(Store.folder store "fedcba987654", Store.folder store hash)

                    Expect.exists (Status.lines (subjectOf store [])) _.StartsWith($"{copied}  damaged") "status"
                    let lines, isWhole = Verify.lines (subjectOf store [])
                    Expect.isFalse isWhole "verify"
                    Expect.hasLength (lines |> List.filter _.StartsWith(copied)) 2 "a line each"
                    Expect.equal (Program.main [| "verify"; store.Folder |]) 2 "exit code"
                    Expect.equal (Program.main [| "gc"; store.Folder; "--yes" |]) 0 "removed"
                    Expect.equal (Program.main [| "verify"; store.Folder |]) 0 "exit code"))
            testCase "a copy that stands under a planned name is run anew" (fun () ->
                inFinished (fun store hash _ ->
                    let other = (planned store sweep).Runs[1].Hash
                    Directory.Delete(Store.folder store other, true)
                    Directory.Move(copy (Store.folder store hash), Store.folder store other)
                    expectAnew store other))
            testCase "a stopped run's folder under another name is no run to go on with" (fun () ->
                inFinished (fun store hash file ->
                    File.Delete(file "result.json")
                    copy (Store.folder store hash) |> ignore
                    Expect.isTrue (state store hash).IsStopped "its own"
                    Expect.isTrue (state store copied).IsDamaged "the copy"))
            testCase
                "a link to a run's folder is damaged, nothing is written through it, and gc removes only the link"
                (fun () ->
                    inFinished (fun store hash file ->
                        let plan = planned store sweep
                        let other, training = plan.Runs[1].Hash, PlannedRun.training plan.Runs[1]
                        let there = Store.trainings store

                        for folder, target in
                            [
                                Store.folder store other, Store.folder store hash
                                Store.folder there training, Store.folder there (PlannedRun.training plan.Runs[0])
                            ] do
                            Directory.Delete(folder, true)
                            Directory.CreateSymbolicLink(folder, target) |> ignore

                        match state store other, StoredTraining.state store training with
                        | Damaged ofRun, TrainingState.Damaged ofTraining ->
                            for why in [ ofRun; ofTraining ] do
                                Expect.stringEnds
                                    why
                                    "is a link, and a run's folder is its own: remove the link"
                                    "why"

                                expectOneLine why
                        | other -> failtest $"%A{other}"

                        Expect.isFalse (Verify.lines (subjectOf store []) |> snd) "verify"
                        let log = File.ReadAllText(file "log.txt")
                        let _, failure = List.exactlyOne (execute store).Broken
                        Expect.equal failure.Cause Input "a person's to mend"
                        Expect.stringContains failure.Fault "remove the link" "told"
                        Expect.equal (File.ReadAllText(file "log.txt")) log "nothing written"
                        Expect.equal (Program.main [| "gc"; store.Folder; "--yes" |]) 0 "gc"
                        Expect.isFalse (Path.Exists(Store.folder store other)) "the link"
                        Expect.isTrue (state store hash).IsDone "what it led to"
                        Expect.equal (execute store).Results.Count 2 "run anew"))
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

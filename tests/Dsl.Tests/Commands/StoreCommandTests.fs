/// What is said of kept runs, and which of them are removed.
module LongTail.Tests.StoreCommandTests

open System.IO
open System.Threading
open Expecto
open LongTail
open LongTail.Commands
open LongTail.Tests.Samples
open LongTail.Tests.StoreSamples
open LongTail.Tests.TempFolder

let private sweep = pretraining |> vary imbalance [ 2.; 4.; 8. ]

[<Tests>]
let tests =
    testList
        "kept runs"
        [
            testCase "status has a line a run and counts them" (fun () ->
                inStoreOf [ 0.5 ] sweep (fun store plan ->
                    let failure = { Fault = "no data"; Cause = Input }
                    Store.fail store plan.Runs[2].Hash failure (exn "no data")
                    let lines = Status.lines (subjectOf store [])

                    let of' (run: PlannedRun) =
                        lines |> List.find _.StartsWith(run.Hash)

                    Expect.hasLength lines 4 "lines"
                    Expect.stringContains (of' plan.Runs[0]) "done     50.0 %  imbalance 2" "done"
                    Expect.stringContains (of' plan.Runs[1]) "stopped" "stopped"
                    Expect.stringContains (of' plan.Runs[2]) "no data" "failed, and why"
                    Expect.stringStarts (List.last lines) "3 runs" "count"
                    Expect.stringContains (List.last lines) "1 failed" "count of a state"))
            testCase "a damaged result keeps no command from the other runs" (fun () ->
                inStoreOf [ 0.5; 0.6 ] sweep (fun store plan ->
                    let damaged = plan.Runs[0].Hash
                    File.WriteAllText(Path.Combine(store.Folder, damaged, "result.json"), "{ \"Accu")

                    let again =
                        match Plan.make sources store sweep with
                        | Ok plan -> plan
                        | Error problems -> failtest $"%A{problems}"

                    Expect.equal (again.Runs |> List.map _.Damage.IsSome) [ true; false; false ] "planned"
                    Expect.stringContains (PlanTable.total store again) "2 to do, of which 1 damaged" "counted"

                    let subject = subjectOf store []

                    Expect.equal
                        (ExportRow.ofSubject subject |> List.map _.Hash |> List.contains damaged)
                        false
                        "export"

                    Expect.exists (Status.lines subject) _.StartsWith($"{damaged}  damaged") "status"
                    let shown = Show.lines store damaged |> String.concat "\n"
                    Expect.stringContains shown "is damaged" "show says so"
                    Expect.stringContains shown "optimizer   sgd 0.01 |> momentum 0.9" "and tells the rest"

                    let policy = { Workers = 1; Failures = KeepGoing }
                    let train: Trainer = fun _ _ _ _ -> result 0.7 1.

                    let ended =
                        Runner.execute train store Place.here policy ignore CancellationToken.None again

                    Expect.isEmpty ended.Broken "nothing broke"
                    Expect.equal ended.Results.Count 3 "the damaged one too is done"))
            testCase "a folder without a run is no store, whatever is asked of it" (fun () ->
                inTempFolder (fun folder ->
                    let asked =
                        [
                            [ "status" ]
                            [ "verify" ]
                            [ "report"; "--out"; Path.Combine(folder, "page.html") ]
                            [ "export"; "md" ]
                            [ "gc"; "--yes" ]
                        ]

                    let expectNone () =
                        for words in asked do
                            Expect.equal (Program.main (Array.ofList (words @ [ folder ]))) 2 $"%A{words}"

                        let told = inputError (fun () -> subjectOf { Folder = folder } [] |> ignore)

                        Expect.stringStarts
                            told
                            $"{folder} holds no run of LongTail: name the folder of a store"
                            "told"

                    expectNone ()
                    Directory.CreateDirectory(Path.Combine(folder, "notes")) |> ignore
                    expectNone ()))
            testCase "where no run is finished there is nothing to verify" (fun () ->
                inStoreOf [] sweep (fun store _ ->
                    let lines, isWhole = Verify.lines (subjectOf store [])

                    Expect.equal
                        lines
                        [
                            $"no run in {store.Folder} is finished, so there is nothing to verify; 3 other runs not finished"
                        ]
                        "told"

                    Expect.isFalse isWhole "code 2"))
            testCase "--only that means no run of a store is refused" (fun () ->
                inStoreOf [] sweep (fun store _ ->
                    let told = inputError (fun () -> subjectOf store [ "--only"; "nobody" ] |> ignore)

                    Expect.stringStarts told "--only nobody: none of the 3 runs" "as of a script"))
            testCase "folders that no run made are named by every command, and touched by none" (fun () ->
                inStoreOf [ 0.5 ] sweep (fun store _ ->
                    let foreign = [ "0123456789ab"; "notes"; "trainings/old" ]

                    for name in foreign do
                        let folder = Path.Combine(store.Folder, name)
                        Directory.CreateDirectory folder |> ignore
                        File.WriteAllText(Path.Combine(folder, "mine.txt"), "mine")

                    let subject = subjectOf store []

                    Expect.equal
                        (Subject.foreign subject)
                        [
                            $"3 folders in {store.Folder} are no runs of LongTail, and are left alone: 0123456789ab; notes; trainings/old"
                        ]
                        "named"

                    Expect.hasLength subject.Entries 3 "no runs"
                    Expect.isFalse (Status.lines subject |> String.concat "\n" |> _.Contains("damaged")) "not damaged"
                    Expect.isTrue (Verify.lines subject |> snd) "nor does it harm the store"
                    Expect.hasLength (AbsentRow.ofSubject subject) 2 "missing in a table"
                    Expect.equal (Program.main [| "gc"; store.Folder; "--yes" |]) 0 "gc"
                    Expect.hasLength (Store.hashes store) 1 "what is dead is gone"

                    for name in foreign do
                        Expect.isTrue (File.Exists(Path.Combine(store.Folder, name, "mine.txt"))) name

                    Directory.Delete(Path.Combine(store.Folder, "notes"), true)
                    Directory.Delete(Path.Combine(store.Folder, "trainings"), true)

                    Expect.equal
                        (Subject.foreign (subjectOf store []))
                        [ $"0123456789ab in {store.Folder} is no run of LongTail, and is left alone" ]
                        "one"))
            testTheory
                "a damaged run is shown with its reason once, and code 2"
                [ "result.json"; "experiment.json"; "environment.json" ]
                (fun file ->
                    inStoreOf [ 0.5 ] pretraining (fun store plan ->
                        let hash = plan.Runs.Head.Hash

                        let show () =
                            Program.main [| "show"; hash; "--store"; store.Folder |]

                        Expect.equal (show ()) 0 "whole"
                        File.AppendAllText(Path.Combine(Store.folder store hash, file), " ")
                        Expect.equal (show ()) 2 "damaged"
                        Expect.equal (Program.main [| "show"; hash; "--json"; "--store"; store.Folder |]) 2 "as JSON"
                        let about = Show.lines store hash |> List.filter _.Contains($"{file} ")
                        Expect.hasLength about 1 "once"))
            testCase "a run is found by the beginning of its hash" (fun () ->
                inStoreOf [] sweep (fun store plan ->
                    let hash = plan.Runs[0].Hash
                    Expect.equal (Subject.hash store hash[..6]) hash "one"
                    Expect.stringContains (inputError (fun () -> Subject.hash store "zz")) "no run" "none"
                    Expect.stringContains (inputError (fun () -> Subject.hash store "")) "3 runs" "several"))
            testCase "a run that is shown tells its settings, result, environment and log" (fun () ->
                inStoreOf [ 0.5 ] pretraining (fun store plan ->
                    let text = Show.lines store plan.Runs[0].Hash |> String.concat "\n"

                    for part in
                        [
                            "is done"
                            "optimizer   sgd 0.01 |> momentum 0.9 |> weightDecay 0.001 |> gnm 0.005"
                            "accuracy 50.0 %"
                            "head 50.0, medium 50.0, tail 50.0 by training images (over 100, 20 to 100, under 20)"
                            "    2 cat  head      600: 50.0"
                            "    1 emu  tail        6: -"
                            "Device"
                            "starts on cpu"
                        ] do
                        Expect.stringContains text part part))
            testCase "a memory that nobody tells is left out or a dash, never 0" (fun () ->
                inStoreOf [] pretraining (fun store plan ->
                    let run = plan.Runs[0]
                    Store.finish store run.Hash (resultOnGpu 0.5 2.)

                    let line =
                        $"  2.00 s an epoch (the fastest, {Timing.words alone}), 1234 trained values"

                    Expect.contains (Show.lines store run.Hash) line "show"
                    let rows = ExportRow.ofSubject (subjectOf store [])
                    Expect.equal (rows |> List.map (ExportRow.number "memory_mib")) [ None ] "export"))
            testCase "two runs differ by what differs, and by all where all is asked for" (fun () ->
                inStoreOf [ 0.5; 0.6 ] sweep (fun store plan ->
                    let a, b = plan.Runs[0].Hash, plan.Runs[1].Hash
                    let rows = SideBySide.rows false store a b

                    Expect.contains
                        rows
                        ("settings",
                         "dataset",
                         "FashionMnist |> longTailed 2. |> imagesPerClass 600",
                         "FashionMnist |> longTailed 4. |> imagesPerClass 600")
                        "settings"

                    Expect.contains rows ("result", "Accuracy", "0.5", "0.6") "result"
                    Expect.all rows (fun (_, _, x, y) -> x <> y) "nothing that is alike"
                    Expect.all rows (fun (_, path, _, _) -> not (path.Contains '[')) "no lists"
                    let every = SideBySide.rows true store a b
                    Expect.contains every ("settings", "seed", "0L", "0L") "alike"
                    Expect.isNonEmpty (every |> List.filter (fun (_, path, _, _) -> path = "ClassCounts[1]")) "a list"

                    Expect.isEmpty
                        (SideBySide.rows false store a a
                         |> List.filter (fun (part, _, _, _) -> part = "settings"))
                        "one run does not differ from itself"))
            testCase "garbage is what did not end; a finished training's checkpoint is where it is asked for" (fun () ->
                inStoreOf [ 0.5 ] sweep (fun store plan ->
                    let hash index = plan.Runs[index].Hash
                    let training index = PlannedRun.training plan.Runs[index]

                    for run in plan.Runs[..1] do
                        StoredTraining.ready store run Place.here |> ignore
                        File.WriteAllText(Store.checkpoint store (PlannedRun.training run), "values")

                    StoredTraining.finish store (training 0)
                    Directory.CreateDirectory(Path.Combine(store.Folder, "notes")) |> ignore
                    File.WriteAllText(Path.Combine(store.Folder, hash 2, "environment.json"), "{")

                    let found checkpoints =
                        Garbage.find checkpoints (subjectOf store [])

                    let dead = found false

                    Expect.equal
                        (dead
                         |> List.map (function
                             | DeadRun(hash, _)
                             | DeadTraining(hash, _)
                             | SpentCheckpoint(hash, _) -> hash)
                         |> set)
                        (set [ hash 1; hash 2; training 1 ])
                        "stopped and damaged, no folder of another's"

                    Expect.contains (found true) (SpentCheckpoint(training 0, 6L)) "checkpoint"
                    Expect.equal (Garbage.total (found true)) [ "1 checkpoint, 0 KiB together" ] "sizes"

                    using (Option.get (RunLock.tryTake store (hash 1))) (fun _ ->
                        Expect.isFalse (Garbage.remove store (DeadRun(hash 1, ""))) "held by another"
                        Expect.isTrue (Directory.Exists(Store.folder store (hash 1))) "so it stays")

                    for one in found true do
                        Expect.isTrue (Garbage.remove store one) "removed"

                    Expect.isEmpty (found true) "nothing is left"
                    Expect.isSome (Store.result store (hash 0)) "the finished run stays"
                    Expect.isTrue (Directory.Exists(Path.Combine(store.Folder, "notes"))) "as does what is no run"))
        ]

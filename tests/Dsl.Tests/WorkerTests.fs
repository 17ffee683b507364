/// Several workers, several processes on one store, and what becomes of the others when a run breaks.
module LongTail.Tests.WorkerTests

open System
open System.Runtime.InteropServices
open System.Collections.Concurrent
open System.IO
open System.Threading
open System.Threading.Tasks
open Expecto
open LongTail
open LongTail.Core
open LongTail.Core.Settings
open LongTail.Tests.Samples
open LongTail.Tests.TempFolder

let private sweep = pretraining |> vary imbalance [ 2.; 4.; 8.; 16.; 32.; 64. ]

let private plan store = planned store sweep

/// A trainer that does what the factor of the run says, and who it trained.
let private recording (train: float -> unit) =
    let trained = ConcurrentQueue<float>()

    let trainer: Trainer =
        fun settings _ _ _ ->
            trained.Enqueue settings.Data.ImbalanceFactor
            train settings.Data.ImbalanceFactor
            result (settings.Data.ImbalanceFactor / 100.) 1.

    trainer, trained

let private execute policy trainer store =
    Runner.execute trainer store Place.here policy ignore CancellationToken.None (plan store)

let private keepGoing workers =
    {
        Workers = workers
        Failures = KeepGoing
    }

let private alone failures = { Workers = 1; Failures = failures }

[<Tests>]
let tests =
    testList
        "workers"
        [
            testCase "of more workers than runs none is without one" (fun () ->
                inStore (fun store ->
                    let trainer, trained = recording ignore
                    Expect.equal (Policy.crew (keepGoing 99_999) (plan store)) 6 "a run each"
                    Expect.equal (Policy.crew (keepGoing 2) (plan store)) 2 "as asked"
                    Expect.equal (execute (keepGoing Int32.MaxValue) trainer store).Results.Count 6 "results"
                    Expect.hasLength (List.ofSeq trained) 6 "once"
                    Expect.equal (Policy.crew (keepGoing 2) (plan store)) 0 "nothing to do"))
            testCase "two run at the same time, and every run once" (fun () ->
                inStore (fun store ->
                    use together = new Barrier 2

                    let trainer, trained =
                        recording (fun _ -> Expect.isTrue (together.SignalAndWait 20_000) "another run is under way")

                    let outcome = execute (keepGoing 2) trainer store
                    Expect.isEmpty outcome.Broken "none broke"
                    Expect.hasLength (Seq.distinct trained |> List.ofSeq) 6 "all"
                    Expect.hasLength (List.ofSeq trained) 6 "once"
                    Expect.equal outcome.Results.Count 6 "results"))
            testCase "two sweeps started at once on one store compute every run once, and both end with all" (fun () ->
                inStore (fun store ->
                    let trainer, trained = recording (fun _ -> Thread.Sleep 20)
                    let both = plan store

                    let start () =
                        Task.Run(fun () ->
                            Runner.execute trainer store Place.here (keepGoing 2) ignore CancellationToken.None both)

                    let outcomes = Task.WhenAll(start (), start ()).Result

                    for outcome in outcomes do
                        Expect.equal outcome.Results.Count 6 "all results"

                    Expect.hasLength (List.ofSeq trained) 6 "once"))
            testCase
                "a run that another one holds is waited for, and taken over where its holder ends without a result"
                (fun () ->
                    inStore (fun store ->
                        let trainer, trained = recording ignore
                        let runs = (plan store).Runs
                        let hold (run: PlannedRun) = (RunLock.tryTake store run.Hash).Value
                        use finishing = hold runs[0]
                        use dying = hold runs[1]
                        let waiting = Task.Run(fun () -> execute (keepGoing 1) trainer store)
                        Expect.isTrue (SpinWait.SpinUntil((fun () -> trained.Count = 4), 20_000)) "all but the two"
                        Expect.isFalse (waiting.Wait 600) "waits"
                        Store.start store runs[0] Place.here
                        Store.finish store runs[0].Hash (result 0.25 1.)
                        finishing.Dispose()
                        dying.Dispose()
                        Expect.isTrue (waiting.Wait 20_000) "ends"
                        Expect.equal waiting.Result.Results[runs[0].Hash].Accuracy 0.25 "the other one's"
                        Expect.equal (Seq.last trained) 4. "what was left unfinished"
                        Expect.hasLength (List.ofSeq trained) 5 "once"))
            testCase "at the first that breaks, the rest is not begun" (fun () ->
                inStore (fun store ->
                    let trainer, trained =
                        recording (fun f ->
                            if f = 4. then
                                invalidOp "broke")

                    let outcome = execute (alone StopAtFirst) trainer store
                    Expect.equal (List.ofSeq trained) [ 2.; 4. ] "two"
                    Expect.hasLength outcome.Broken 1 "one broke"
                    Expect.isFalse outcome.Stopped "no person stopped it"))
            testCase "at the first that breaks, what is under way stops and goes on later" (fun () ->
                inStore (fun store ->
                    use under = new ManualResetEventSlim()

                    let trainer: Trainer =
                        fun settings _ _ stop ->
                            if settings.Data.ImbalanceFactor = 2. then
                                under.Set()
                                stop.WaitHandle.WaitOne 20_000 |> ignore
                                stop.ThrowIfCancellationRequested()
                                result 0.5 1.
                            else
                                under.Wait()
                                invalidOp "broke"

                    let outcome = execute { Workers = 2; Failures = StopAtFirst } trainer store

                    let states = StoredRun.all store |> List.map (fun run -> run.Label, run.State)

                    Expect.hasLength outcome.Broken 1 "one broke"
                    Expect.contains states ("imbalance 2", Stopped) "stopped"
                    Expect.exists states (fun (label, state) -> label = "imbalance 4" && state.IsFailed) "failed"
                    Expect.hasLength states 2 "the rest is not begun"))
            testCase "a run is tried again as often as was said, and last" (fun () ->
                inStore (fun store ->
                    let mutable left = 2

                    let trainer, trained =
                        recording (fun f ->
                            if f = 4. && left > 0 then
                                left <- left - 1
                                raise (OutOfMemoryException()))

                    let outcome = execute (alone (Retry 2)) trainer store
                    Expect.equal (List.ofSeq trained) [ 2.; 4.; 8.; 16.; 32.; 64.; 4.; 4. ] "order"
                    Expect.isEmpty outcome.Broken "it passed"
                    Expect.equal outcome.Results.Count 6 "all"))
            testCase "what broke twice is not tried a third time where one more was said" (fun () ->
                inStore (fun store ->
                    let trainer, trained =
                        recording (fun f ->
                            if f = 4. then
                                raise (OutOfMemoryException()))

                    let outcome = execute (alone (Retry 1)) trainer store
                    Expect.hasLength (trained |> Seq.filter ((=) 4.) |> List.ofSeq) 2 "tries"
                    Expect.equal (outcome.Broken |> List.map (snd >> _.Cause)) [ OutOfMemory ] "cause"))
            testCase "memory that ran out is told with what to lower, in our words" (fun () ->
                inStore (fun store ->
                    // As libtorch and its CUDA allocator say it, and the C++ library where neither did.
                    let texts =
                        [
                            "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 499200000 bytes. Error code 12 (Cannot allocate memory)"
                            "[enforce fail at alloc_cpu.cpp:94] data. DefaultCPUAllocator: not enough memory: you tried to allocate 499200000 bytes."
                            "CUDA out of memory. Tried to allocate 2.00 GiB"
                            "std::bad_alloc"
                        ]

                    for text in texts do
                        let trainer, _ = recording (fun _ -> raise (ExternalException text))

                        for _, failure in (execute (keepGoing 1) trainer store).Broken do
                            Expect.equal
                                failure
                                {
                                    Fault =
                                        "out of memory with 64 images at once; give a smaller batch, more microBatches or a smaller side, or take fewer workers"
                                    Cause = OutOfMemory
                                }
                                text

                    let log = File.ReadAllText(Store.logFile store (plan store).Runs.Head.Hash)
                    Expect.stringContains log texts.Head "all of it is in the log"))
            testCase "why a run broke is told once, and its name stays in the table's gaps" (fun () ->
                inStore (fun store ->
                    let trainer, _ =
                        recording (fun f ->
                            if f = 4. then
                                raise (OutOfMemoryException()))

                    let outcome = execute (keepGoing 1) trainer store
                    let told = outcome.Broken |> List.map (fun (run, _) -> run.Hash) |> set
                    let gaps = Gaps.afterTelling told store (plan store) outcome.Results

                    Expect.equal
                        gaps
                        [ "Not in the table: 1 of 6 runs (1 failed)."; "Failed: imbalance 4." ]
                        "after it was told"

                    Expect.stringContains
                        (List.last (Gaps.ofTable store (plan store) outcome.Results))
                        "out of memory"
                        "by another command"))
            testCase "a loss that diverged is told from memory that ran out, and is not tried again" (fun () ->
                inStore (fun store ->
                    let trainer, trained =
                        recording (fun f ->
                            match f with
                            | 4. -> raise (DivergedException "the loss is NaN")
                            | 8. -> raise (ExternalException "CUDA out of memory. Tried to allocate 2 GiB")
                            | 16. -> raise (InputException "no data")
                            | 32. -> failwith "ours"
                            | _ -> ())

                    let outcome = execute (alone (Retry 1)) trainer store

                    Expect.equal
                        (outcome.Broken |> List.map (snd >> _.Cause) |> List.sort)
                        [ Input; Diverged; OutOfMemory; Defect ]
                        "causes"

                    let tries factor =
                        trained |> Seq.filter ((=) factor) |> Seq.length

                    Expect.equal (List.map tries [ 4.; 8.; 16.; 32. ]) [ 1; 2; 1; 2 ] "tries"

                    let kept =
                        StoredRun.all store
                        |> List.choose (fun run ->
                            match run.State with
                            | Failed failure -> Some failure.Cause
                            | _ -> None)
                        |> List.sort

                    Expect.equal kept [ Input; Diverged; OutOfMemory; Defect ] "the store knows"))
            testCase "a failure is forgotten when the run is tried anew" (fun () ->
                inStore (fun store ->
                    let broken, _ = recording (fun _ -> raise (InputException "no data"))
                    execute (keepGoing 2) broken store |> ignore
                    Expect.all (StoredRun.all store) _.State.IsFailed "all failed"
                    let trainer, _ = recording ignore
                    execute (keepGoing 2) trainer store |> ignore
                    Expect.all (StoredRun.all store) _.State.IsDone "all done"))
        ]

[<Tests>]
let states =
    testList
        "stored runs"
        [
            testCase "say what became of them" (fun () ->
                inStore (fun store ->
                    let runs = (plan store).Runs
                    Expect.isEmpty (StoredRun.all store) "nothing there"

                    for run in runs do
                        Store.start store run Place.here

                    Store.finish store runs[0].Hash (result 0.5 1.)
                    use _held = (RunLock.tryTake store runs[1].Hash).Value

                    let failure = { Fault = "no data"; Cause = Input }

                    Store.fail store runs[2].Hash failure (Exception "no data")
                    File.WriteAllText(Path.Combine(Store.folder store runs[3].Hash, "result.json"), "{")
                    Directory.CreateDirectory(Path.Combine(store.Folder, "other")) |> ignore
                    let found = StoredRun.all store

                    let state (run: PlannedRun) =
                        (found |> List.find (fun r -> r.Hash = run.Hash)).State

                    Expect.isTrue (state runs[0]).IsDone "done"
                    Expect.equal (state runs[1]) Running "running"
                    Expect.equal (state runs[2]) (Failed failure) "failed"
                    Expect.isTrue (state runs[3]).IsDamaged "damaged"
                    Expect.equal (state runs[4]) Stopped "stopped"

                    Expect.equal
                        (found |> List.filter (fun r -> r.Experiment = "pretraining") |> List.map _.Hash)
                        (runs |> List.map _.Hash |> List.sort)
                        "in the order of their hashes"

                    Expect.equal found.Length runs.Length "and no folder that is no run"))
            testCase "are removed whole, but not from under another one's hands" (fun () ->
                inStore (fun store ->
                    let run = (plan store).Runs.Head
                    Store.start store run Place.here

                    using (RunLock.tryTake store run.Hash).Value (fun _ ->
                        Expect.isFalse (StoredRun.remove store run.Hash) "held")

                    Expect.isTrue (StoredRun.remove store run.Hash) "free"
                    Expect.isFalse (Directory.Exists(Store.folder store run.Hash)) "gone"))
        ]

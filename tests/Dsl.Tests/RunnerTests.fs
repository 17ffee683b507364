/// Runs what is missing, once, and survives what goes wrong.
module LongTail.Tests.RunnerTests

open System
open System.IO
open System.Threading
open Expecto
open LongTail
open LongTail.Core
open LongTail.Core.Settings
open LongTail.Tests.Samples
open LongTail.Tests.TempFolder

let private sweep = pretraining |> vary imbalance [ 2.; 4.; 8. ]

let private oneWorker = { Workers = 1; Failures = KeepGoing }

/// Runs the sweep with a trainer that is told the imbalance factor; gives the outcome and the factors trained.
let private runWith (train: float -> RunPlace -> float) stop store sweep =
    let trained = ResizeArray()

    let trainer: Trainer =
        fun settings place _ _ ->
            trained.Add settings.Data.ImbalanceFactor
            result (train settings.Data.ImbalanceFactor place) 1.

    let outcome =
        Runner.execute trainer store Place.here oneWorker ignore stop (planned store sweep)

    outcome, List.ofSeq trained

let private never = CancellationToken.None

[<Tests>]
let tests =
    testList
        "runner"
        [
            testCase "a plan lists every run once and what the store has" (fun () ->
                inStore (fun store ->
                    let doubled = sweep |> overriding imbalance 2. |> vary imbalance [ 2.; 2.; 4. ]
                    let before = planned store doubled
                    Expect.hasLength before.Runs 2 "distinct runs"
                    Expect.hasLength before.Cells 2 "settings"

                    let alike =
                        pretraining
                        |> vary loss [ crossEntropy |> focal 1.; crossEntropy |> focalOfWeighted 1. ]
                        |> planned store

                    Expect.hasLength alike.Cells 2 "two losses"
                    Expect.hasLength alike.Runs 1 "that are one computation without class weights"
                    Expect.all before.Runs _.Result.IsNone "nothing kept"

                    runWith (fun _ _ -> 0.5) never store (pretraining |> vary imbalance [ 4. ])
                    |> ignore

                    Expect.equal (planned store doubled).Runs.[1].Result.IsSome true "kept"))
            testCase "what is in the store is not run again, and a wider sweep runs the difference" (fun () ->
                inStore (fun store ->
                    let _, first = runWith (fun f _ -> f / 10.) never store sweep
                    let wider = pretraining |> vary imbalance [ 16.; 8.; 4.; 2. ]
                    let outcome, second = runWith (fun f _ -> f / 10.) never store wider
                    Expect.equal first [ 2.; 4.; 8. ] "first"
                    Expect.equal second [ 16. ] "the difference"

                    Expect.equal
                        (planned store wider).Runs.Length
                        outcome.Results.Count
                        "results of what ran and what was kept"))
            testCase "a stopped sweep keeps what is done and goes on from the same checkpoint" (fun () ->
                inStore (fun store ->
                    use stop = new CancellationTokenSource()
                    let checkpoints = ResizeArray()

                    let stopInSecond factor (place: RunPlace) =
                        checkpoints.Add place.CheckpointFile

                        if factor = 4. then
                            stop.Cancel()
                            stop.Token.ThrowIfCancellationRequested()

                        0.5

                    let outcome, trained = runWith stopInSecond stop.Token store sweep
                    Expect.isTrue outcome.Stopped "stopped"
                    Expect.equal trained [ 2.; 4. ] "the third was not begun"
                    Expect.equal outcome.Results.Count 1 "the first is done"
                    Expect.isEmpty outcome.Broken "being stopped is no defect"

                    let outcome, trained =
                        runWith
                            (fun _ place ->
                                checkpoints.Add place.CheckpointFile
                                0.5)
                            never
                            store
                            sweep

                    Expect.equal trained [ 4.; 8. ] "the rest"
                    Expect.isFalse outcome.Stopped "to its end"
                    Expect.equal checkpoints[1] checkpoints[2] "the same checkpoint"
                    Expect.equal (Seq.distinct checkpoints |> Seq.length) 3 "one checkpoint a run"))
            testCase "a run that breaks leaves its story in its log, and the others run" (fun () ->
                inStore (fun store ->
                    let break4 factor _ =
                        if factor = 4. then invalidOp "a defect" else 0.5

                    let outcome, trained = runWith break4 never store sweep
                    Expect.equal trained [ 2.; 4.; 8. ] "all were tried"
                    let run, failure = List.exactlyOne outcome.Broken

                    Expect.equal failure.Cause Defect "ours"
                    Expect.stringContains failure.Fault (Store.logFile store run.Hash) "says where its log is"
                    let log = File.ReadAllText(Store.logFile store run.Hash)
                    Expect.stringContains log "InvalidOperationException: a defect" "in the log"
                    Expect.stringContains log "break4" "with its stack"
                    Expect.isNone (Store.result store run.Hash) "no result"
                    let _, again = runWith (fun _ _ -> 0.5) never store sweep
                    Expect.equal again [ 4. ] "tried again"))
            testCase "a trainer is told where to run" (fun () ->
                inStore (fun store ->
                    let places = ResizeArray<RunPlace>()

                    let trainer: Trainer =
                        fun _ place _ _ ->
                            places.Add place
                            result 0.5 1.

                    let cuda =
                        { Place.here with
                            Device = "cuda:1"
                            DataFolders = [ Path.GetDirectoryName store.Folder |> string ]
                        }

                    File.WriteAllText(Path.Combine(cuda.DataFolders.Head, "train-images-idx3-ubyte"), "")

                    Runner.execute trainer store cuda oneWorker ignore never (planned store pretraining)
                    |> ignore

                    Expect.equal places[0].Device "cuda:1" "device"
                    Expect.equal places[0].DataFolder cuda.DataFolders.Head "data"))
        ]

let private given words =
    match Command.read Command.run words with
    | Ok(Some given) -> given
    | other -> failtest $"%A{other}"

let private exitCodeWhere lacking (trainer: Trainer) arguments sweep =
    inTempFolder (fun folder ->
        let store = Path.Combine(folder, "runs")
        let arguments = given (Array.append [| "--store"; store |] arguments)

        let ending =
            CommandLine.execute (fun _ _ -> lacking) trainer (Session.bare arguments) sweep

        ending.Code, Directory.Exists store)

let private exitCode trainer arguments sweep =
    fst (exitCodeWhere [] trainer arguments sweep)

let private throwing (e: exn) : Trainer = fun _ _ _ _ -> raise e

[<Tests>]
let exitCodes =
    testList
        "exit code"
        [
            testCase "0 when all is done" (fun () ->
                Expect.equal (exitCode (fun _ _ _ _ -> result 0.5 1.) [||] sweep) 0 "code")
            testCase "2 where the machine lacks something, before a run leaves a trace" (fun () ->
                let lacking = [ "no such device"; "no such data" ]
                Expect.equal (exitCodeWhere lacking (throwing (Exception "ran")) [||] sweep) (2, false) "code, store")
            testCase "2 of what a person can mend" (fun () ->
                Expect.equal (exitCode (throwing (InputException "no data")) [||] sweep) 2 "in a run"

                Expect.equal
                    (exitCode (throwing (TypeInitializationException("Door", InputException "no engine"))) [||] sweep)
                    2
                    "under another exception"

                Expect.equal
                    (exitCode (throwing (Exception "ran")) [||] (sweep |> vary imbalance [ 0.5 ]))
                    2
                    "a problem"

                Expect.equal
                    (exitCode (throwing (Exception "ran")) [||] (sweep |> vary imbalance []))
                    2
                    "no experiment"

                for device in [ "gpu"; "cuda:99" ] do
                    Expect.equal (exitCode (throwing (Exception "ran")) [| "--device"; device |] sweep) 2 device)
            testCase "1 of a defect of ours" (fun () ->
                Expect.equal (exitCode (throwing (Exception "a defect")) [||] sweep) 1 "code")
        ]

/// Runs that differ only in how they are judged share one training.
module LongTail.Tests.SharingTests

open System
open System.Collections.Concurrent
open System.IO
open System.Threading
open Expecto
open LongTail
open LongTail.Commands
open LongTail.Core
open LongTail.Core.Files
open LongTail.Core.Settings
open LongTail.Tests.Samples
open LongTail.Tests.StoreSamples
open LongTail.Tests.TempFolder

let private taus = [ 0.; 0.5; 1.; 1.5; 2. ]

let private adjusted tau =
    crossEntropy |> adjustedPostHoc tau |> deferReweighting 4<epoch>

let private sweep = pretraining |> vary loss (taus |> List.map adjusted)

let private judging =
    axis "judging" (fun value (e: Experiment) -> { e with Evaluation = value }) _.Evaluation

let private write path (text: string) =
    WholeFile.Write(path, fun stream -> stream.Write(Text.Encoding.UTF8.GetBytes text))

/// As a real trainer does: trains where there is no checkpoint, and evaluates what that holds. What was trained, and judged.
type private Desk() =
    let trained, judged = ConcurrentQueue<RunSettings>(), ConcurrentQueue<float>()
    member _.Trained = List.ofSeq trained

    member _.Judged = List.ofSeq judged

    /// `between` is called when the values are there and nothing is judged yet.
    member _.Trainer(between: RunSettings -> unit) : Trainer =
        fun settings place _ _ ->
            let checkpoint = string place.CheckpointFile

            if not (File.Exists checkpoint) then
                trained.Enqueue settings
                write checkpoint "values"

            between settings
            judged.Enqueue settings.Evaluation.PriorTau
            result (settings.Evaluation.PriorTau / 10.) 1.

let private execute workers trainer store sweep =
    let policy =
        {
            Workers = workers
            Failures = KeepGoing
        }

    Runner.execute trainer store Place.here policy ignore CancellationToken.None (planned store sweep)

let private accuracies (outcome: Outcome) plan =
    plan.Runs |> List.map (fun run -> outcome.Results[run.Hash].Accuracy)

let private costs store plan = Cost.ofPlan store Place.here plan

let private trainingOf plan = PlannedRun.training plan.Runs.Head

let private hashes (garbage: Garbage list) =
    garbage
    |> List.map (function
        | DeadRun(hash, _)
        | DeadTraining(hash, _)
        | SpentCheckpoint(hash, _) -> hash)

[<Tests>]
let tests =
    testList
        "one training"
        [
            for workers in [ 1; 3 ] do
                testCase $"of five taus is trained once by {workers} workers, and each is judged" (fun () ->
                    inStore (fun store ->
                        let desk = Desk()
                        let outcome = execute workers (desk.Trainer ignore) store sweep
                        Expect.isEmpty outcome.Broken "broken"
                        Expect.hasLength desk.Trained 1 "trainings"
                        Expect.equal (List.sort desk.Judged) taus "evaluations"
                        Expect.equal (accuracies outcome (planned store sweep)) [ 0.; 0.05; 0.1; 0.15; 0.2 ] "results"
                        Expect.isTrue (Verify.lines (subjectOf store []) |> snd) "whole"

                        Expect.stringContains
                            (List.exactlyOne (TrainedBy.sharing (planned store sweep) outcome.Results))
                            "5 runs from 1;"
                            "said beneath the table"

                        Expect.hasLength (StoredRun.all store) 5 "runs, and nothing else taken for one"))
            testCase "of two sweeps at once is trained once" (fun () ->
                inStore (fun store ->
                    let desk = Desk()
                    let slow = desk.Trainer(fun _ -> Thread.Sleep 50)

                    let half some =
                        pretraining |> vary loss (some |> List.map adjusted)

                    let outcomes =
                        [ half taus[..1]; half taus[2..] ]
                        |> List.map (fun sweep -> Tasks.Task.Run(fun () -> execute 2 slow store sweep))
                        |> Tasks.Task.WhenAll

                    for outcome in outcomes.Result do
                        Expect.isEmpty outcome.Broken "broken"

                    Expect.hasLength desk.Trained 1 "trainings"
                    Expect.hasLength desk.Judged 5 "evaluations"))
            testCase "serves another evaluation later, without being trained again" (fun () ->
                inStore (fun store ->
                    let first, later = Desk(), Desk()
                    execute 1 (first.Trainer ignore) store pretraining |> ignore

                    let others =
                        [
                            pretraining
                            |> vary loss [ gcl 25. |> adjustedPostHoc 1. |> deferReweighting 4<epoch> ]
                            pretraining
                            |> vary
                                judging
                                [ afterLastEpoch |> batchMeanAccuracy; afterLastEpoch |> unscaledConfidence ]
                            pretraining
                            |> vary dataset [ (unsaid (one pretraining)).Dataset |> testImages 10 ]
                            pretraining |> vary input [ side 32 |> testing (centreCrop 24 >> resize 32) ]
                        ]

                    for sweep in others do
                        let plan = planned store sweep
                        let trained = (planned store pretraining).Runs.Head

                        for run in plan.Runs do
                            Expect.notEqual run.Hash trained.Hash "another run"

                            Expect.equal
                                (TrainedBy.ofPlan store plan |> Map.tryFind run.Hash)
                                (Some(TrainedBy.Run trained.Hash))
                                "evaluated from it"

                        execute 1 (later.Trainer ignore) store sweep |> ignore

                    Expect.hasLength first.Trained 1 "trained"
                    Expect.isEmpty later.Trained "not again"
                    Expect.hasLength later.Judged 5 "judged"))
            testCase
                "is no other's where a run is judged after every epoch, or starts at means through test transforms"
                (fun () ->
                    let trainings sweep =
                        Sweep.settings sweep
                        |> List.map (fun setting -> Identity.training (settingsOf setting.Experiment))
                        |> List.distinct
                        |> List.length

                    let selected = [ bestOnTest; bestOnTest |> batchMeanAccuracy ]
                    Expect.equal (trainings (pretraining |> vary judging (afterLastEpoch :: selected))) 3 "selected"
                    let tests = [ side 32; side 32 |> testing (centreCrop 24 >> resize 32) ]
                    Expect.equal (trainings (pretraining |> vary input tests)) 1 "a drawn head"
                    Expect.equal (trainings (prompting |> vary input tests)) 2 "class means")
            testCase "goes on to be judged where it was stopped between the two, by whichever run comes" (fun () ->
                inStore (fun store ->
                    let desk = Desk()
                    let killed _ = failwith "killed"
                    let outcome = execute 1 (desk.Trainer killed) store pretraining
                    Expect.hasLength outcome.Broken 1 "after its training"
                    execute 1 (desk.Trainer ignore) store pretraining |> ignore
                    Expect.hasLength desk.Trained 1 "trained once"
                    Expect.isTrue (StoredTraining.state store (trainingOf (planned store pretraining))).IsWhole "kept"))
            testCase "is planned as one, with what it costs once" (fun () ->
                inStore (fun store ->
                    let plan = planned store sweep
                    let first = plan.Runs.Head.Hash
                    let trainedBy = TrainedBy.ofPlan store plan

                    Expect.equal
                        (plan.Runs |> List.map (fun run -> trainedBy[run.Hash]))
                        [
                            TrainedBy.Itself
                            for _ in 1..4 do
                                TrainedBy.Run first
                        ]
                        "by the first"

                    Expect.stringContains (PlanTable.total store plan) "5 to do, 4 of them evaluated only" "told"
                    let desk = Desk()

                    execute 1 (desk.Trainer ignore) store (pretraining |> vary loss [ adjusted 0. ])
                    |> ignore

                    let plan = planned store sweep
                    let costs = costs store plan

                    for run in plan.Runs.Tail do
                        // 10,000 test images at 0.4 of a step's share of 1 s / 1,485 images.
                        Expect.floatClose Accuracy.medium costs[run.Hash].Seconds (0.4 * 10000. / 1485.) "judged only"))
            testCase "whose checkpoint is gone or damaged is trained again, and the plan says so" (fun () ->
                for harm, why in
                    [
                        File.Delete, "its checkpoint was removed"
                        (fun path -> File.WriteAllText(path, "")), "checkpoint.safetensors has 0 bytes"
                    ] do
                    inStore (fun store ->
                        let desk = Desk()

                        execute 1 (desk.Trainer ignore) store (pretraining |> vary loss [ adjusted 0. ])
                        |> ignore

                        let training = trainingOf (planned store sweep)
                        harm (Store.checkpoint store training)
                        let plan = planned store sweep

                        match (TrainedBy.ofPlan store plan)[plan.Runs[1].Hash] with
                        | TrainedBy.Again told -> Expect.stringContains told why "why"
                        | other -> failtest $"%A{other}"

                        execute 1 (desk.Trainer ignore) store sweep |> ignore
                        Expect.hasLength desk.Trained 2 "again"
                        Expect.isTrue (StoredTraining.state store training).IsWhole "kept"))
            testCase "whose checkpoint holds other bytes of the same number is not evaluated from" (fun () ->
                inStore (fun store ->
                    let desk = Desk()

                    execute 1 (desk.Trainer ignore) store (pretraining |> vary loss [ adjusted 0. ])
                    |> ignore

                    File.WriteAllText(Store.checkpoint store (trainingOf (planned store sweep)), "valuex")
                    execute 1 (desk.Trainer ignore) store sweep |> ignore
                    Expect.hasLength desk.Trained 2 "again"))
            testCase "that diverges breaks all that need it once" (fun () ->
                inStore (fun store ->
                    let mutable tried = 0

                    let trainer: Trainer =
                        fun _ _ _ _ ->
                            tried <- tried + 1
                            raise (DivergedException "the loss is NaN")

                    let outcome = execute 1 trainer store sweep
                    Expect.equal tried 1 "tried"
                    Expect.hasLength outcome.Broken 5 "broken"

                    Expect.all
                        (StoredRun.all store)
                        (fun run -> StoredRun.reason run.State = Some "the loss is NaN")
                        "each says why"))
            testCase "is kept by gc as long as a run that is to do needs it" (fun () ->
                inStore (fun store ->
                    let desk = Desk()

                    let failing (settings: RunSettings) =
                        if settings.Evaluation.PriorTau = 2. then
                            raise (InputException "a test image is broken")

                    execute 1 (desk.Trainer failing) store sweep |> ignore
                    let found () = Garbage.find true (subjectOf store [])
                    let training = trainingOf (planned store sweep)
                    Expect.isFalse (hashes (found ()) |> List.contains training) "needed"

                    Expect.stringStarts
                        (List.exactlyOne (Garbage.kept (subjectOf store [])))
                        "1 checkpoint kept"
                        "told"

                    execute 1 (desk.Trainer ignore) store sweep |> ignore
                    Expect.hasLength desk.Trained 1 "trained once"
                    Expect.equal (found ()) [ SpentCheckpoint(training, 6L) ] "needed no more"))
            testCase "is told by the runs that were judged from it" (fun () ->
                inStore (fun store ->
                    let desk = Desk()
                    execute 1 (desk.Trainer ignore) store sweep |> ignore
                    let plan = planned store sweep
                    let first, second = plan.Runs[0].Hash, plan.Runs[1].Hash
                    let environment = Store.environment store second
                    let text (name: string) = string (environment.GetProperty name)
                    Expect.equal (text "Run") second "itself"
                    Expect.equal (text "Training") (trainingOf plan) "its training"

                    Expect.equal
                        (string ((environment.GetProperty "TrainedBy").GetProperty "Run"))
                        first
                        "whose values they are"

                    let shown = Show.lines store second |> String.concat "\n"
                    Expect.stringContains shown $"evaluated from the training of {first}" "shown"

                    Expect.isFalse
                        ((Show.lines store first |> String.concat "\n").Contains "evaluated from")
                        "which trained itself"))
        ]

[<Tests>]
let real =
    test "one training serves three taus of real runs, with the values of runs trained each on its own" {
        let losses = [ 0.; 1.; 2. ] |> List.map (fun tau -> gcl 25. |> adjustedPostHoc tau)

        let small =
            experiment "small" {
                dataset (FashionMnist |> longTailed 10. |> imagesPerClass 60 |> testImages 20)

                model (
                    drawnVit
                        {
                            InputSide = 32
                            PatchSize = 8
                            Width = 32
                            Depth = 2
                            Heads = 2
                        }
                    |> cosineHead
                )

                loss (gcl 25.)
                optimizer (sgd 0.05 |> momentum 0.9)
                schedule (cosine 2<epoch>)
                batch 16
            }

        let place = { Place.here with Threads = 1 }

        let trainer: Trainer =
            fun settings place progress stop ->
                Machine.UseThreads 1
                Training.Trainer.Run(settings, place, progress, stop)

        let values store losses =
            match Plan.make (Sources.at Ok place) store (small |> vary loss losses) with
            | Error problems -> failtest $"%A{problems}"
            | Ok plan ->
                let policy = { Workers = 2; Failures = KeepGoing }

                let outcome =
                    Runner.execute trainer store place policy ignore CancellationToken.None plan

                Expect.isEmpty outcome.Broken "broken"

                [
                    for run in plan.Runs do
                        let found = outcome.Results[run.Hash]

                        List.ofSeq found.ClassAccuracy,
                        found.Calibration.ExpectedError,
                        [ for epoch in found.Epochs -> epoch.Loss ]
                ]

        inTempFolder (fun folder ->
            let store name : Store = { Folder = Path.Combine(folder, name) }
            let together = values (store "together") losses
            let trainings = Store.trainings (store "together")

            let log =
                File.ReadAllText(Store.logFile trainings (List.exactlyOne (Store.hashes trainings)))

            Expect.equal (log.Split "starts").Length 2 "one training"
            Expect.hasLength (List.distinct together) 3 "three evaluations"

            let alone =
                losses
                |> List.mapi (fun i loss -> values (store $"{i}") [ loss ])
                |> List.concat

            Expect.equal together alone "values")
    }

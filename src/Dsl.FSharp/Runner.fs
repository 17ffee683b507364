namespace LongTail

open System
open System.Collections.Concurrent
open System.Collections.Generic
open System.Runtime.ExceptionServices
open System.Threading
open LongTail.Core
open LongTail.Core.Files
open LongTail.Core.Settings
open LongTail.Core.Training

/// Trains a run to its end, resuming from the place's checkpoint where there is one, and evaluates it. Throws
/// OperationCanceledException once it has stopped and saved its checkpoint.
type Trainer = RunSettings -> RunPlace -> (TrainingProgress -> unit) -> CancellationToken -> RunResult

/// What becomes of the others when a run breaks.
type FailurePolicy =
    | KeepGoing
    | StopAtFirst
    /// So many more tries where a try may help; out of memory it may, of a loss that diverged not.
    | Retry of times: int

/// How a sweep is gone about. It changes no number.
type Policy =
    {
        /// Runs under way at the same time.
        Workers: int
        Failures: FailurePolicy
    }

module Policy =
    let errors policy =
        [
            if policy.Workers < 1 then
                Problem.ofOption "--workers" $"{policy.Workers}" "does no work" "give 1 or more"
            match policy.Failures with
            | Retry times when times < 0 ->
                Problem.ofOption "--retry" $"{times}" "is no number of tries" "give 0 or more"
            | _ -> ()
        ]

    /// How many work on a plan: each has a run.
    let crew policy (plan: Plan) =
        Plan.todo plan |> List.length |> min policy.Workers

type RunEvent =
    | Started of PlannedRun
    | Progressed of PlannedRun * TrainingProgress
    /// Here, or by another process on the same store.
    | Finished of PlannedRun * RunResult
    | Broken of PlannedRun * Failure
    /// By a person, or because another run broke.
    | Halted of PlannedRun

/// How a sweep ended.
type Outcome =
    {
        /// By hash: what was in the store and what is new.
        Results: Map<string, RunResult>
        Broken: (PlannedRun * Failure) list
        /// Stopped by a person before the end.
        Stopped: bool
    }

/// What is left to do and how it goes; all workers write on it, and its listener hears one at a time.
type private Board(policy: Policy, plan: Plan, hear: RunEvent -> unit) =
    let gate = obj ()

    let waiting = Queue(Plan.todo plan |> Seq.map (fun run -> run, 1))

    let mutable results = Plan.results plan
    let mutable broken = []
    let mutable diverged = Map.empty
    let mutable isFull = false

    member _.Next() =
        lock gate (fun () ->
            match waiting.TryDequeue() with
            | true, next -> Some next
            | _ -> None)

    member _.Later(next: PlannedRun * int) =
        lock gate (fun () -> waiting.Enqueue next)

    member _.Tell event =
        lock gate (fun () ->
            match event with
            | Finished(run, result) -> results <- results.Add(run.Hash, result)
            | Broken(run, failure) ->
                broken <- (run, failure) :: broken

                if failure.Cause = Diverged then
                    diverged <- diverged.Add(PlannedRun.training run, failure)
            | _ -> ()

            hear event)

    /// How the training of a run diverged, as it would again.
    member _.Divergence(run: PlannedRun) =
        lock gate (fun () -> diverged.TryFind(PlannedRun.training run))

    /// One disk takes one line, however many workers meet its end.
    member _.IsNews(failure: Failure) =
        lock gate (fun () ->
            let isNews = failure.Cause <> Unwritable || not isFull
            isFull <- isFull || failure.Cause = Unwritable
            isNews)

    member _.MayTryAgain(failure, attempt) =
        match policy.Failures with
        | Retry times -> attempt <= times && Failures.mayPass failure
        | _ -> false

    member _.Outcome(stop: CancellationToken) =
        {
            Results = results
            Broken = List.rev broken
            Stopped = stop.IsCancellationRequested
        }

/// Runs what has no result yet, on as many threads as there are workers with a run to do.
module Runner =
    /// Between two looks at a run that another process holds.
    let private patience = TimeSpan.FromMilliseconds 200.

    /// The run and its training, whose values it may share with others; None where another one holds either.
    let private tryTake store (run: PlannedRun) : IDisposable option =
        match StoredTraining.tryTake store (PlannedRun.training run) with
        | None -> None
        | Some training ->
            let both =
                try
                    RunLock.tryTake store run.Hash
                    |> Option.map (fun held ->
                        { new IDisposable with
                            member _.Dispose() =
                                held.Dispose()
                                training.Dispose()
                        })
                with _ ->
                    training.Dispose()
                    reraise ()

            if both.IsNone then
                training.Dispose()

            both

    /// Every run once, and every training, whoever else works on the same store: what another process holds is waited for.
    /// The place's threads are those of one worker.
    let execute (trainer: Trainer) store place (policy: Policy) hear (stop: CancellationToken) plan =
        use halt = CancellationTokenSource.CreateLinkedTokenSource stop
        let board = Board(policy, plan, hear)

        let broken run failure =
            let isNews = board.IsNews failure

            if policy.Failures = StopAtFirst || failure.Cause = Unwritable then
                halt.Cancel()

            board.Tell(if isNews then Broken(run, failure) else Halted run)

        // A disk that takes no more files takes no story of it either.
        let told note =
            try
                note ()
            with :? UnwritableException ->
                ()

        let train damage (run: PlannedRun, attempt) =
            try
                damage |> Option.iter (Store.clear store run.Hash)
                let training = PlannedRun.training run
                let trainedBy = StoredTraining.ready store run place
                Store.startFrom trainedBy store run place
                board.Tell(Started run)

                for failure in Option.toList (board.Divergence run) do
                    raise (DivergedException failure.Fault)

                let there = Place.forRun (Store.checkpoint store training) run.Settings place

                let watch (progress: TrainingProgress) =
                    progress.Finished
                    |> Option.ofObj
                    |> Option.iter (Store.keepEpoch store run.Hash)

                    board.Tell(Progressed(run, progress))

                let result = trainer run.Settings there watch halt.Token

                if trainedBy.IsNone then
                    StoredTraining.finish store training

                Store.finish store run.Hash result
                board.Tell(Finished(run, result))
            with
            | :? OperationCanceledException when halt.IsCancellationRequested ->
                told (fun () -> Store.log store run.Hash "stopped")
                board.Tell(Halted run)
            | e ->
                let failure = Failures.ofException run (Store.logFile store run.Hash) e
                told (fun () -> Store.fail store run.Hash failure e)

                if board.MayTryAgain(failure, attempt) then
                    board.Later(run, attempt + 1)
                    board.Tell(Halted run)
                else
                    broken run failure

        let rec work () =
            match board.Next() with
            | Some(run, attempt) when not halt.IsCancellationRequested ->
                match StoredRun.attempt tryTake store run with
                | Error e -> broken run (Failures.ofException run (Store.logFile store run.Hash) e)
                | Ok None ->
                    board.Later(run, attempt)
                    halt.Token.WaitHandle.WaitOne patience |> ignore
                | Ok(Some held) ->
                    use _ = held

                    // Another process may have ended it since the plan was made.
                    match StoredRun.attempt Store.result store run.Hash with
                    | Ok(Some result) -> board.Tell(Finished(run, result))
                    | Ok None -> train None (run, attempt)
                    | Error(:? DamagedException as damage) -> train (Some damage.Message) (run, attempt)
                    | Error other -> broken run { Fault = other.Message; Cause = Input }

                work ()
            | _ -> ()

        let faults = ConcurrentQueue<exn>()

        let worker () =
            try
                work ()
            with e ->
                faults.Enqueue e
                halt.Cancel()

        let threads =
            [
                for i in 1 .. Policy.crew policy plan -> Thread(worker, Name = $"worker {i}")
            ]

        threads |> List.iter _.Start()
        threads |> List.iter _.Join()

        for fault in faults do
            ExceptionDispatchInfo.Throw fault

        board.Outcome stop

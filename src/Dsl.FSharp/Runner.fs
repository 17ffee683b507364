namespace LongTail

open System
open System.Threading
open LongTail.Core
open LongTail.Core.Settings
open LongTail.Core.Training

/// Trains a run to its end, resuming from the place's checkpoint where there is one. Throws
/// OperationCanceledException once it has stopped and saved its checkpoint.
type Trainer = RunSettings -> RunPlace -> (TrainingProgress -> unit) -> CancellationToken -> RunResult

/// What kept a run from its end.
type Failure =
    {
        /// One line: what is wrong, where, and what to do.
        Fault: string
        /// By a person; what is not is a defect of ours.
        Mendable: bool
    }

type RunEvent =
    | Started of PlannedRun
    | Progressed of PlannedRun * TrainingProgress
    | Finished of PlannedRun * RunResult
    | Broken of PlannedRun * Failure

/// How a sweep ended.
type Outcome =
    {
        /// By hash: what was in the store and what is new.
        Results: Map<string, RunResult>
        Broken: (PlannedRun * Failure) list
        /// Stopped by a person before the end.
        Stopped: bool
    }

/// Runs what has no result yet, one after another.
module Runner =
    let private judge store planned (e: exn) =
        let cause = e.GetBaseException()
        let message = cause.Message.Split('\n')[0]

        match cause with
        | :? InputException
        | :? DllNotFoundException -> { Fault = message; Mendable = true }
        | _ ->
            {
                Fault = $"a defect of LongTail ({message}); all of it is in {Store.logFile store planned.Hash}"
                Mendable = false
            }

    let private run (train: Trainer) store place watch (stop: CancellationToken) outcome planned =
        match planned.Result with
        | Some result ->
            { outcome with
                Results = outcome.Results.Add(planned.Hash, result)
            }
        | None when stop.IsCancellationRequested -> { outcome with Stopped = true }
        | None ->
            Store.start store planned.Settings place
            watch (Started planned)

            try
                let result =
                    train
                        planned.Settings
                        (Place.forRun (Store.checkpoint store planned.Hash) place)
                        (fun progress -> watch (Progressed(planned, progress)))
                        stop

                Store.finish store planned.Hash result
                watch (Finished(planned, result))

                { outcome with
                    Results = outcome.Results.Add(planned.Hash, result)
                }
            with
            | :? OperationCanceledException when stop.IsCancellationRequested ->
                Store.log store planned.Hash "stopped"
                { outcome with Stopped = true }
            | e ->
                let failure = judge store planned e
                Store.log store planned.Hash $"broke: {e}"
                watch (Broken(planned, failure))

                { outcome with
                    Broken = outcome.Broken @ [ planned, failure ]
                }

    /// Goes on with the other runs when one breaks.
    let execute train store place watch stop plan =
        ({
            Results = Map.empty
            Broken = []
            Stopped = false
         },
         plan.Runs)
        ||> List.fold (run train store place watch stop)

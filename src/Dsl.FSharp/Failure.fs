namespace LongTail

open System
open LongTail.Core
open LongTail.Core.Files
open LongTail.Core.Interop

/// Why a run came to no end.
type Cause =
    /// Something that a person can mend: data, weights, device, settings.
    | Input
    /// The loss was no longer a number: it will not be one the next time either.
    | Diverged
    | OutOfMemory
    /// The disk takes no more files: it would take none of another run either.
    | Unwritable
    /// Ours.
    | Defect

/// What kept a run from its end.
type Failure =
    {
        /// One line: what is wrong, where, and what to do.
        Fault: string
        Cause: Cause
    }

// Not Failure, which in an expression is the function of FSharp.Core.
module Failures =
    /// What an exception means that broke the run; the log is where all of it stands.
    let ofException (run: PlannedRun) log (e: exn) =
        let cause = e.GetBaseException()
        let firstLine (text: string) = (text.Split('\n')[0]).TrimEnd '.'
        let message = TorchFault.Line cause

        match cause with
        | :? DivergedException -> { Fault = message; Cause = Diverged }
        | :? UnwritableException -> { Fault = message; Cause = Unwritable }
        | Mendable why -> { Fault = firstLine why; Cause = Input }
        | _ when Machine.IsOutOfMemory cause ->
            let batch = min run.Settings.BatchSize run.Images
            let atOnce = max 1 (batch / run.Settings.Optimizer.MicroBatches)

            {
                Fault =
                    $"out of memory with {atOnce} images at once; give a smaller batch, more microBatches or a smaller side, or take fewer workers"
                Cause = OutOfMemory
            }
        | _ ->
            {
                Fault = $"a defect of LongTail ({message}); all of it is in {log}"
                Cause = Defect
            }

    /// Whether trying again may help.
    let mayPass failure =
        match failure.Cause with
        | OutOfMemory
        | Defect -> true
        | Input
        | Unwritable
        | Diverged -> false

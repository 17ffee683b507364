namespace LongTail.Commands

open System.IO
open System.Threading
open LongTail
open LongTail.Core
open LongTail.Core.Training

/// The loss around the values of finished runs.
module Surface =
    let private line (run: PlannedRun) (surface: LossSurface) =
        let losses = surface.Loss |> Seq.concat |> List.ofSeq
        let show (loss: System.Nullable<float>) = $"%.2f{loss.GetValueOrDefault()}"

        let highest =
            if losses |> List.forall _.HasValue then
                losses |> List.maxBy _.Value |> show
            else
                "what is no number"

        $"{run.Hash}  {run.Label}: loss {show losses[losses.Length / 2]} where the run ended, up to {highest} around it; {losses.Length} points, {surface.Images} images"

    /// Measures and keeps what the finished runs of a plan lack, and tells each in a line; the lines of those that cannot be
    /// measured come back.
    let measure store (place: Place) tell (stop: CancellationToken) (plan: Plan) =
        let finished = Plan.asked plan |> List.filter _.Result.IsSome

        if finished.IsEmpty then
            raise (InputException "no run of it is finished: run the script first")

        Machine.UseThreads place.Threads

        let tell index text =
            tell $"[{index + 1}/{finished.Length}] {text}"

        [
            for index, run in List.indexed finished do
                let checkpoint = Store.checkpoint store (PlannedRun.training run)

                match Store.surface store run.Hash with
                | Some known -> tell index (line run known)
                | None when File.Exists checkpoint ->
                    let found =
                        Trainer.Surface(run.Settings, Place.forRun checkpoint run.Settings place, stop)

                    Store.keepSurface store run.Hash found
                    tell index (line run found)
                | None ->
                    $"{run.Hash}  {run.Label}: its checkpoint is gone, and its values with it: remove {Store.folder store run.Hash} and run it again"
        ]

namespace LongTail

open LongTail.Core.Settings
open LongTail.Core.Training

/// A run's training loss by epoch, cut where weights or a sampler that come in late make it another loss.
type internal Curve =
    {
        /// Each the losses of epochs in a row, which compare.
        Stretches: float list list
        /// Whether the sampler changes with every epoch, and the loss with it.
        Progressive: bool
    }

module internal Curve =
    /// Shares of the loss. Half a point in a hundred is less than it differs by between two epochs of augmented images;
    /// what moves by a twentieth is not still, however little it moves in one direction.
    let private least, still = 0.005, 0.05

    /// By how much the loss must rise before noise is no reason.
    let private clear = 0.05

    let private changes (schedule: ScheduleSettings) =
        [
            for reweighting in Option.ofObj schedule.Reweighting |> Option.toList do
                reweighting.After + 1
            for resampling in Option.ofObj schedule.Resampling |> Option.toList do
                resampling.After + 1
        ]

    let ofRun (settings: RunSettings) (result: RunResult) =
        let changes = changes settings.Schedule

        {
            Stretches =
                List.ofSeq result.Epochs
                |> List.groupBy (fun one -> changes |> List.filter (fun epoch -> epoch <= one.Epoch) |> List.length)
                |> List.map (fun (_, epochs) -> epochs |> List.map _.Loss)
            Progressive =
                settings.Schedule.Sampler :? ProgressiveSampling
                || Option.ofObj settings.Schedule.Resampling
                   |> Option.exists (fun later -> later.Sampler :? ProgressiveSampling)
        }

    /// The share by which it fell from the second-last tenth of so many epochs to the last one; what was before another
    /// loss, and the first epoch, are passed over. None where that leaves too few: two losses are no trend.
    let fall epochs curve =
        let tenth = (epochs + 9) / 10

        match List.tryLast curve.Stretches with
        | Some(_ :: losses) when losses.Length >= max 3 (2 * tenth) ->
            let losses = List.rev losses

            let last, before =
                List.average losses[.. tenth - 1], List.average losses[tenth .. 2 * tenth - 1]

            Some(1. - last / before)
        | _ -> None

    /// The first and the last loss of the longest stretch, where the last is clearly higher.
    let rise curve =
        match curve.Stretches with
        | [] -> None
        | stretches ->
            let longest = stretches |> List.maxBy List.length
            let first, last = List.head longest, List.last longest

            if not curve.Progressive && last > first * (1. + clear) then
                Some(first, last)
            else
                None

    /// Whether it stayed within its own noise: in every stretch nearly the same, and going up and down more than it
    /// went anywhere.
    let isFlat curve =
        let judged = curve.Stretches |> List.filter (fun losses -> losses.Length > 1)

        let within share =
            judged
            |> List.forall (fun losses -> List.max losses - List.min losses <= share * List.max losses)

        let steps =
            [
                for losses in judged do
                    for before, after in List.pairwise losses do
                        after - before
            ]

        let wanders = abs (List.sum steps) <= (steps |> List.sumBy abs) / 2.

        not judged.IsEmpty && (within least || within still && wanders)

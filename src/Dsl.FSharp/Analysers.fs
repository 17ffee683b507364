namespace LongTail

open LongTail.Core.Training

/// What a person should know of results before believing them, though nothing failed. (A loss that is not finite fails
/// its run.)
module Analysers =
    let private mostNamed = 5

    /// A finding about several rows or runs, each with what was found of it, is one line; no line where there is none.
    let private line what remedy (found: string list) =
        match found with
        | [] -> []
        | found ->
            let named = found |> List.truncate mostNamed |> String.concat "; "

            let more =
                if found.Length > mostNamed then
                    $"; and {found.Length - mostNamed} more"
                else
                    ""

            [ $"{what}: {named}{more}: {remedy}" ]

    let private points (value: float) = $"{100. * value:F1}"

    /// A setting with its results by seed.
    type private Gathered =
        {
            Setting: Setting
            Results: (int64 * RunResult) list
        }

    let private found one = one.Results |> List.map snd

    let private mean one = found one |> List.averageBy _.Accuracy

    /// Of settings that learn and are judged on the same images, by how much the best one leads the next, where that may
    /// be chance: the 95 % t-interval of the differences, paired by seed, holds zero, or there is no interval.
    let private leads (gathered: Gathered list) =
        [
            for _, rivals in
                gathered
                |> List.groupBy (fun one -> one.Setting.Experiment.Dataset, one.Setting.Experiment.Evaluation) do
                match rivals |> List.sortByDescending mean with
                | best :: next :: _ ->
                    let accuracies one =
                        one.Results |> List.map (fun (seed, result) -> seed, result.Accuracy)

                    let lead = $"{best.Setting.Called} leads {next.Setting.Called} by"

                    match PairedT.over (Replicates.differences (accuracies best) (accuracies next)) with
                    | None -> None, $"{lead} {points (mean best - mean next)} points"
                    | Some {
                               Difference = { Mean = by; HalfWidth = Some half }
                           } when half >= by -> Some(), $"{lead} {points by} ± {points half} points"
                    | Some _ -> ()
                | _ -> ()
        ]

    /// A plain network under cross-entropy keeps a sixth of its head's accuracy on the tail (13.5 of 77.8 % on CIFAR-100-LT,
    /// method.md 6.6), which is poor and still says something: collapsed is less than a tenth, or no more than the
    /// share of a class in the test set.
    let private collapsed gathered =
        [
            for one in gathered do
                let rule = Experiment.groups one.Setting.Experiment

                let group pick =
                    found one |> List.choose (GroupRule.means rule >> pick >> Option.ofNullable)

                match group _.Head, group _.Tail with
                | (_ :: _ as head), (_ :: _ as tail) ->
                    let head, tail = List.average head, List.average tail
                    let classes = (found one).Head.ClassCounts.Count

                    if tail <= 1. / float classes || tail < head / 10. then
                        $"{one.Setting.Called} (tail {GroupRule.tail rule} {points tail} %%, head {points head} %%)"
                | _ -> ()
        ]

    /// The share by which the loss must still fall. Under a cosine the last tenth of the epochs has 0.2 % of the summed
    /// learning rate, so what still falls by a twentieth there was far from its end when the rate ran out.
    let private stillFalls = 0.05

    /// The share by which the training loss fell from the second-last tenth of the epochs to the last one. Weights or a
    /// sampler that come in late make it another loss: what was before, and their first epoch, is passed over.
    let private fall (run: PlannedRun) (result: RunResult) =
        let schedule = run.Settings.Schedule

        let start =
            [
                0
                for reweighting in Option.ofObj schedule.Reweighting |> Option.toList do
                    reweighting.After + 1
                for resampling in Option.ofObj schedule.Resampling |> Option.toList do
                    resampling.After + 1
            ]
            |> List.filter (fun epoch -> epoch < schedule.Epochs)
            |> List.fold max 0

        let tenth = (schedule.Epochs + 9) / 10

        let losses =
            [
                for epoch in result.Epochs do
                    if epoch.Epoch > start then
                        epoch.Loss
            ]
            |> List.rev

        if losses.IsEmpty || losses.Length < 2 * tenth then
            None
        else
            let last, before =
                List.average losses[.. tenth - 1], List.average losses[tenth .. 2 * tenth - 1]

            Some(1. - last / before)

    let private ofRuns plan (results: Map<string, RunResult>) found =
        [
            for run in plan.Runs do
                match results.TryFind run.Hash |> Option.bind (found run) with
                | Some said -> $"{run.Label} ({said})"
                | None -> ()
        ]

    let private unfinished run result =
        match fall run result with
        | Some share when share > stillFalls -> Some $"{points share} %%"
        | _ -> None

    let private bestIs edge (run: PlannedRun) (result: RunResult) =
        let epochs = run.Settings.Schedule.Epochs

        if run.Settings.Evaluation.BestOnTest && epochs > 1 && result.Epoch = edge epochs then
            Some $"of {epochs}"
        else
            None

    let private skipped _ (result: RunResult) =
        match result.Epochs |> Seq.sumBy _.SkippedSteps with
        | 0L -> None
        | 1L -> Some "1 step"
        | steps -> Some $"{steps} steps"

    /// The factor by which the times of a setting's seeds differ where something else must have run beside some of them.
    let private busy = 1.5

    let private wavering gathered =
        [
            for one in gathered do
                let times = found one |> List.map _.SecondsPerEpoch

                if List.max times > busy * List.min times then
                    $"{one.Setting.Called} ({List.min times:F2} to {List.max times:F2} s an epoch)"
        ]

    /// A line for each kind of finding that there is: what, at which rows or runs, what to do about it. None where
    /// results are sound. Throws InputException where a setting has a seed twice.
    let lines (plan: Plan) (results: Map<string, RunResult>) =
        let gathered =
            [
                for setting, runs in Replicates.ofPlan plan do
                    let found =
                        [
                            for seed, hash in runs do
                                match results.TryFind hash with
                                | Some result -> seed, result
                                | None -> ()
                        ]

                    if not found.IsEmpty then
                        { Setting = setting; Results = found }
            ]

        let leads = leads gathered

        let ofLeads certain =
            leads |> List.filter (fst >> (=) certain) |> List.map snd

        let ofRuns = ofRuns plan results

        [
            yield!
                ofLeads None
                |> line "one seed cannot tell a gain from chance" "give two seeds or more, as `|> seeds [ 0 .. 4 ]`"
            yield!
                ofLeads (Some())
                |> line "seeds differ by more than the gain" "claim none, or give more seeds"
            yield!
                collapsed gathered
                |> line "the tail has collapsed" "re-weight, adjust logits or sample by class, or train longer"
            yield!
                wavering gathered
                |> line "times of a setting's seeds differ much" "read no cost from them, as other programs ran too"
            yield!
                ofRuns unfinished
                |> line "the training loss still fell at the end" "train longer, or raise the learning rate"
            yield!
                ofRuns (bestIs (fun _ -> 0))
                |> line "the first epoch was the best" "lower the learning rate"
            yield!
                ofRuns (bestIs (fun epochs -> epochs - 1))
                |> line "the last epoch was the best" "train longer"
            yield!
                ofRuns skipped
                |> line "steps moved nothing, as their gradient was not finite" "lower the learning rate"
        ]

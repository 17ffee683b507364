namespace LongTail

open LongTail.Core
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

    let private collapsed gathered =
        [
            for one in gathered do
                match Learnt.collapsed one with
                | Some(head, tail) ->
                    let rule = GroupRule.tail (Experiment.groups one.Setting.Experiment)
                    $"{one.Setting.Called} (tail {rule} {Points.percent tail} %%, head {Points.percent head} %%)"
                | None -> ()
        ]

    let private neverRight gathered =
        [
            for one in gathered do
                let lost =
                    [
                        for name, values in Learnt.groups one do
                            let zeros = values |> List.filter ((=) 0.) |> List.length

                            if zeros > 0 && not (name = "tail" && (Learnt.collapsed one).IsSome) then
                                if zeros = values.Length then
                                    name
                                else
                                    $"{name} in {zeros} of {values.Length} seeds"
                    ]

                if not lost.IsEmpty then
                    $"""{one.Setting.Called} ({String.concat ", " lost})"""
        ]

    /// The share by which the loss must still fall. Under a cosine the last tenth of the epochs has 0.2 % of the summed
    /// learning rate, so what still falls by a twentieth there was far from its end when the rate ran out.
    let private stillFalls = 0.05

    let private ofRuns plan (results: Map<string, RunResult>) found =
        [
            for run in plan.Runs do
                match results.TryFind run.Hash |> Option.bind (found run) with
                | Some said -> $"{run.Label} ({said})"
                | None -> ()
        ]

    let private chance run result =
        if Learnt.trains run && Learnt.isChance run result then
            let right, all = Learnt.everRight result
            Some $"{Points.percent result.Accuracy} %%, {right} of {all} classes ever right"
        else
            None

    let private few run result =
        match Learnt.everRight result with
        | right, all when Learnt.trains run && 2 * right <= all && not (Learnt.isChance run result) ->
            Some $"{right} of {all}"
        | _ -> None

    let private ofCurve look (run: PlannedRun) result =
        if Learnt.trains run then
            look (Curve.ofRun run.Settings result)
        else
            None

    let private rose =
        ofCurve (
            Curve.rise
            >> Option.map (fun (first, last) -> $"from {Digits.Brief first} to {Digits.Brief last}")
        )

    /// Of two calibration errors, what a model that was trained at all differs by.
    let private sameError = 0.001

    /// Whether the frozen model that a run is held against says the same of every class, and as confidently: an easy set
    /// leaves accuracies where they were.
    let private isFrozen plan (results: Map<string, RunResult>) (run: PlannedRun) (result: RunResult) =
        let error (one: RunResult) = one.Calibration.ExpectedError

        plan.Frozen.TryFind run.Hash
        |> Option.bind results.TryFind
        |> Option.exists (fun still ->
            Seq.forall2 (=) still.ClassAccuracy result.ClassAccuracy
            && abs (error still - error result) < sameError)

    let private moved plan results run (result: RunResult) =
        let losses = result.Epochs |> Seq.map _.Loss |> List.ofSeq

        if ofCurve (Curve.isFlat >> Some) run result = Some true then
            Some $"loss {Digits.Brief(List.min losses)} to {Digits.Brief(List.max losses)} over {losses.Length} epochs"
        elif Learnt.trains run && isFrozen plan results run result then
            Some "every class as under the frozen model"
        else
            None

    let private unfinished (run: PlannedRun) =
        ofCurve (Curve.fall run.Settings.Schedule.Epochs) run
        >> Option.filter (fun share -> share > stillFalls)
        >> Option.map (fun share -> $"{Points.percent share} %%")

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
                match Gathered.results one |> List.choose (_.SecondsPerEpoch >> Option.ofNullable) with
                | [] -> ()
                | times ->
                    let least, most = List.min times, List.max times

                    if most > busy * least then
                        $"{one.Setting.Called} ({Report.seconds least} to {Report.seconds most} s an epoch)"
        ]

    /// A line for each kind of finding that there is: what, at which rows or runs, what to do about it. None where
    /// results are sound. Throws InputException where a setting has a seed twice.
    let lines (plan: Plan) (results: Map<string, RunResult>) =
        let gathered = Gathered.ofPlan plan results
        let leads = Front.all gathered

        let ofLeads kind =
            leads |> List.filter (fst >> (=) kind) |> List.map snd

        let ofRuns = ofRuns plan results

        [
            yield!
                ofLeads Front.Alike
                |> line
                    "the best settings are the same runs"
                    "what they are called differs, nothing else: leave one out"
            yield!
                ofLeads Front.Equal
                |> line "the best settings are equal" "see whether what tells them apart has an effect"
            yield!
                ofLeads Front.OtherSeeds
                |> line "the best settings have not the same seeds" "run what is missing before comparing them"
            yield!
                ofLeads Front.OneSeed
                |> line "one seed cannot tell a gain from chance" "give two seeds or more, as `|> seeds [ 0 .. 4 ]`"
            yield!
                ofLeads Front.Unclear
                |> line "seeds differ by more than the gain" "claim none, or give more seeds"
            yield! ofRuns rose |> line "the training loss rose" "lower the learning rate"
            yield!
                ofRuns (moved plan results)
                |> line "training moved nothing" "raise the learning rate, or see what of the model is trained"
            yield!
                ofRuns chance
                |> line
                    "no better than chance"
                    "lower the learning rate where the loss rises, raise it where the loss stays"
            yield!
                ofRuns few
                |> line
                    "few classes are ever right"
                    "the others are never predicted, or never where they should be: look at the report's classes"
            yield!
                neverRight gathered
                |> line "no image of a group is right" "lower the learning rate, or weigh the group's classes more"
            yield!
                collapsed gathered
                |> line "the tail has collapsed" "re-weight, adjust logits or sample by class, or train longer"
            yield!
                wavering gathered
                |> line
                    "times of a setting's seeds differ much"
                    "read no cost from them, as something else took time of some"
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

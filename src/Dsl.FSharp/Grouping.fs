namespace LongTail

open LongTail.Core.Evaluation
open LongTail.Core.Settings

/// How an experiment says which classes are head, medium and tail.
[<RequireQualifiedAccess>]
type Grouping =
    /// More training images than the first number is head, fewer than the second tail.
    | Count of headAbove: int * tailBelow: int
    | Range
    | Step

[<AutoOpen>]
module Groupings =
    /// More than 100 training images is head, 20 to 100 medium, fewer than 20 tail: what an experiment without step imbalance
    /// takes that says nothing of groups.
    let byCount =
        Grouping.Count(CountGroups.Usual.HeadAbove, CountGroups.Usual.TailBelow)

    /// More training images than `headAbove` is head, fewer than `tailBelow` tail: `byThresholds 200 50`.
    let byThresholds headAbove tailBelow = Grouping.Count(headAbove, tailBelow)

    /// The class ranges of published tables, the same for every imbalance factor: CIFAR-10 3, 4 and 3 classes, CIFAR-100 36, 35
    /// and 29, ImageNet-LT 390, 445 and 165, Places-LT 131, 157 and 77, iNaturalist 2018 842, 3,701 and 3,599. Other sets have
    /// none.
    let byRange = Grouping.Range

    /// The classes before the step are head, those behind it tail: what an experiment with `stepImbalance` takes that says
    /// nothing of groups.
    let byStep = Grouping.Step

module Grouping =
    let private hasStep dataset =
        dataset.Profile = ImbalanceProfile.Step && dataset.ImbalanceFactor > 1.

    /// The rule with its numbers; None where the set has no such groups.
    let resolved dataset grouping : GroupRule option =
        match grouping with
        | None when hasStep dataset -> Some(StepGroups())
        | None -> Some CountGroups.Usual
        | Some(Grouping.Count(headAbove, tailBelow)) -> Some(CountGroups(headAbove, tailBelow))
        | Some Grouping.Range ->
            RangeGroups.Published dataset.Source
            |> Option.ofObj
            |> Option.map (fun ranges -> ranges :> GroupRule)
        | Some Grouping.Step when hasStep dataset -> Some(StepGroups())
        | Some Grouping.Step -> None

/// A rule in words.
module GroupRule =
    /// By what it tells classes apart, with all its numbers.
    let words (rule: GroupRule) =
        match rule with
        | :? CountGroups as counts ->
            $"training images (over {counts.HeadAbove}, {counts.TailBelow} to {counts.HeadAbove}, under {counts.TailBelow})"
        | :? RangeGroups as ranges ->
            $"the published class ranges (the first {ranges.Head}, the next {ranges.Medium - ranges.Head}, the rest)"
        | :? StepGroups -> "the step (the classes before it, none, those behind it)"
        | other -> invalidOp $"{other}"

    /// As a cell of a table has it.
    let brief (rule: GroupRule) =
        match rule with
        | :? CountGroups as counts -> $"over {counts.HeadAbove}, under {counts.TailBelow}"
        | :? RangeGroups -> "published ranges"
        | _ -> "step"

    /// What a class of the tail is.
    let tail (rule: GroupRule) =
        match rule with
        | :? CountGroups as counts -> $"under {counts.TailBelow} images"
        | :? RangeGroups -> "by published range"
        | _ -> "behind the step"

    /// Of a result, empty groups without a mean.
    let means (rule: GroupRule) (result: LongTail.Core.Training.RunResult) =
        rule.Means(result.ClassAccuracy, result.ClassCounts)

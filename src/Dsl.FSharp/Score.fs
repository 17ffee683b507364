namespace LongTail

open LongTail.Core.Training

/// How a table's classes are told apart into head, medium and tail.
type SplitRule =
    | ByCount
    | ByRange

module SplitRule =
    /// The means of the groups by this rule, or by count where the set has no published ranges.
    let groups rule (result: RunResult) =
        match rule with
        | ByCount -> result.ByCount
        | ByRange -> Option.ofObj result.ByRange |> Option.defaultValue result.ByCount

/// A number of a run's result that settings are compared by, in [0, 1].
type Score =
    {
        Name: string
        Of: SplitRule -> RunResult -> float option
    }

[<AutoOpen>]
module Scores =
    /// Over all test images.
    let accuracy =
        {
            Name = "accuracy"
            Of = fun _ result -> Some result.Accuracy
        }

    /// Mean over the tail's classes.
    let tailAccuracy =
        {
            Name = "tail accuracy"
            Of = fun rule result -> Option.ofNullable (SplitRule.groups rule result).Tail
        }

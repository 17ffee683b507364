namespace LongTail

open LongTail.Core.Evaluation
open LongTail.Core.Training

/// A number of a run's result that settings are compared by, in [0, 1].
type Score =
    {
        Name: string
        /// What of the rule for groups it goes by, in words; None where it goes by none.
        Within: (GroupRule -> string) option
        Of: GroupRule -> RunResult -> float option
    }

module Score =
    /// With what it goes by under these rules.
    let named (rules: GroupRule list) score =
        match score.Within with
        | Some within ->
            let groups = rules |> List.map within |> List.distinct |> String.concat " against "
            $"{score.Name} ({groups})"
        | None -> score.Name

[<AutoOpen>]
module Scores =
    /// Over all test images.
    let accuracy =
        {
            Name = "accuracy"
            Within = None
            Of = fun _ result -> Some result.Accuracy
        }

    /// Mean over the tail's classes.
    let tailAccuracy =
        {
            Name = "tail accuracy"
            Within = Some GroupRule.tail
            Of = fun rule result -> Option.ofNullable (GroupRule.means rule result).Tail
        }

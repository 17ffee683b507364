namespace LongTail

open System.Collections.Generic

/// What is asked of a sweep: by how much one value of an axis is above another one, all else equal.
type Contrast =
    {
        Naming: Naming
        Score: Score
        /// The same experiment with the one value.
        Value: Experiment -> Experiment
        /// The same with the other value.
        Other: Experiment -> Experiment
    }

    member contrast.Axis = contrast.Naming.Axis

module Contrast =
    /// Whether an experiment has the one value.
    let has contrast experiment = contrast.Value experiment = experiment

    /// What the two values are called, with all their numbers.
    let words contrast experiment =
        contrast.Naming.Full(contrast.Value experiment), contrast.Naming.Full(contrast.Other experiment)

    let problem (contrast: Contrast) =
        Problem.ofSweep $"contrast {contrast.Naming.Word}"

    /// What keeps these experiments from giving an answer, whatever their results.
    let faults experiments (contrast: Contrast) =
        let known = HashSet<Experiment>(experiments: Experiment list)
        let problem = problem contrast

        match experiments with
        | [] -> []
        | first :: _ ->
            let value, other = words contrast first

            let there =
                experiments
                |> List.map contrast.Naming.Full
                |> List.distinct
                |> String.concat ", "

            let absent =
                [
                    for word, set in [ value, contrast.Value; other, contrast.Other ] do
                        if experiments |> List.forall (fun e -> set e <> e) then
                            problem word "is a value that no setting of the sweep has" $"there is {there}"
                ]

            if contrast.Value first = contrast.Other first then
                [ problem value "is held against itself" "name two values" ]
            elif not absent.IsEmpty then
                absent
            elif
                experiments
                |> List.forall (fun e -> not (has contrast e && known.Contains(contrast.Other e)))
            then
                [
                    problem
                        $"{value}, {other}"
                        "are never there with all else equal, the seed too"
                        "vary the axis with both values over the same settings"
                ]
            else
                []

[<AutoOpen>]
module Contrasts =
    /// By how much this value of the axis is above the other one in a score: `contrast perturbation (gnm 0.005) none accuracy`.
    let contrast (axis: Axis<_>) value other score =
        {
            Naming = axis.Naming
            Score = score
            Value = axis.Set value
            Other = axis.Set other
        }

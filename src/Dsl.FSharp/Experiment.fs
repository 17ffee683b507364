namespace LongTail

/// One training run as a person writes it down: what determines its numbers, and a name for people.
type Experiment =
    {
        Name: string
        Dataset: Dataset
        Input: Input
        Model: Model
        Loss: Loss
        Optimizer: Optimizer
        Schedule: Schedule
        Sampling: Sampling
        Evaluation: Evaluation
        /// None: at the step of step imbalance, else by count. It names no run: groups are taken of a result's classes.
        Groups: Grouping option
        Batch: int
        Seed: int64
        /// Its own words; each part has those that it was made with.
        Said: Said
    }

module Experiment =
    /// What all seeds of a setting share.
    let unseeded (e: Experiment) = { e with Seed = 0L }

    /// How its classes go to head, medium and tail. Only for an experiment without errors.
    let groups e =
        match Grouping.resolved e.Dataset e.Groups with
        | Some rule -> rule
        | None -> invalidOp $"{e.Name} has no groups {e.Groups}"

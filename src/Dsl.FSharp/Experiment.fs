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
        Batch: int
        Seed: int64
    }

module Experiment =
    /// What all seeds of a setting share.
    let unseeded (e: Experiment) = { e with Seed = 0L }

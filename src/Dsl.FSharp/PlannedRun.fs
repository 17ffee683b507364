namespace LongTail

open LongTail.Core.Evaluation
open LongTail.Core.Settings
open LongTail.Core.Training

/// A run that a sweep means.
type PlannedRun =
    {
        Hash: string
        /// The name of the experiment.
        Experiment: string
        Label: string
        /// The name of the data set.
        Dataset: string
        Settings: RunSettings
        /// What the store keeps beside its settings; not part of the hash.
        Groups: GroupRule
        /// That an epoch takes.
        Images: int
        /// That it is judged on.
        TestImages: int
        /// What the store already has of it.
        Result: RunResult option
        /// In a line, why what the store has cannot be read.
        Damage: string option
    }

module PlannedRun =
    /// The name of its training.
    let training run = Identity.training run.Settings

    /// Optimizer steps of the whole run.
    let steps run =
        int64 run.Settings.Schedule.Epochs
        * int64 ((run.Images + run.Settings.BatchSize - 1) / run.Settings.BatchSize)

namespace LongTail

/// A place of the experiment that can be varied: how a value enters it, and what it is then called.
type Axis<'value> =
    {
        Name: string
        Set: 'value -> Experiment -> Experiment
        /// As short as a table's row wants it.
        Brief: Experiment -> string
        /// With all its numbers, where the short names do not tell the values apart.
        Full: Experiment -> string
    }

[<AutoOpen>]
module Axes =
    let private axis name set brief full =
        {
            Name = name
            Set = set
            Brief = brief
            Full = full
        }

    let private named name set called =
        axis name set (called Names.Brief) (called Names.Full)

    let private numbered name set (number: Experiment -> obj) =
        let show e = $"{number e}"
        axis name set show show

    let imbalance =
        numbered
            "imbalance"
            (fun factor e ->
                { e with
                    Experiment.Dataset.ImbalanceFactor = factor
                })
            _.Dataset.ImbalanceFactor

    let learningRate =
        numbered
            "learning rate"
            (fun rate e ->
                { e with
                    Experiment.Optimizer.LearningRate = rate
                })
            _.Optimizer.LearningRate

    let promptLength =
        numbered
            "prompts"
            (fun length e ->
                { e with
                    Experiment.Model.PromptLength = length
                })
            _.Model.PromptLength

    /// Values: `none`, `gnm radius`, `sam rho` and the other perturbations.
    let perturbation =
        named
            "optimizer"
            (fun perturb e ->
                { e with
                    Optimizer = perturb e.Optimizer
                })
            Names.optimizer

    /// Values: `crossEntropy`, `gcl scale` and the other losses, each with what is around it.
    let loss = named "loss" (fun (value: Loss) e -> { e with Loss = value }) Names.loss

    /// Values: `instanceSampling`, `classBalancedSampling` and the other samplers.
    let sampling =
        named "sampling" (fun value e -> { e with Sampling = value }) Names.sampling

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

    let private numbered name set (number: Experiment -> obj) =
        let show e = $"{number e}"
        axis name set show show

    let private optimizerName perturbed (e: Experiment) =
        match e.Optimizer.Base, e.Optimizer.Perturbation with
        | Sgd, None -> "sgd"
        | AdamW, None -> "adamw"
        | _, Some perturbation -> perturbed perturbation

    let private lossName plain clouded reweighted (e: Experiment) =
        let name =
            match e.Loss.Kind with
            | CrossEntropy -> $"CE{plain e.Loss}"
            | GaussianClouded(margin, noise) -> $"GCL{plain e.Loss}{clouded margin noise}"

        match e.Loss.Reweighting with
        | Some r -> $"{name}+DRW{reweighted r}"
        | None -> name

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

    /// Values: `none`, `sam rho`, `gnm radius`.
    let perturbation =
        axis
            "optimizer"
            (fun perturb e ->
                { e with
                    Optimizer = perturb e.Optimizer
                })
            (optimizerName (function
                | Sam _ -> "sam"
                | Gnm _ -> "gnm"))
            (optimizerName (function
                | Sam rho -> $"sam {rho}"
                | Gnm(radius, halving, doubled) ->
                    let halves =
                        match halving with
                        | WithReweighting -> ""
                        | Every epochs -> $", halved every {epochs}"
                        | Never -> ", never halved"

                    let doubles = if doubled then ", doubled at first" else ""
                    $"gnm {radius}{halves}{doubles}"))

    /// Values: `crossEntropy`, `gcl scale`, each with or without `deferReweighting epoch`.
    let loss =
        let scale (loss: Loss) =
            loss.Scale |> Option.map (fun s -> $" s={s}") |> Option.defaultValue ""

        axis
            "loss"
            (fun (value: Loss) e -> { e with Loss = value })
            (lossName (fun _ -> "") (fun _ _ -> "") (fun _ -> ""))
            (lossName scale (fun margin noise -> $" m={margin} noise={noise}") (fun r ->
                $" from {r.From} beta={r.Beta}"))

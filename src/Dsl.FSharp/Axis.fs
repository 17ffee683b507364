namespace LongTail

/// A column of a table: what an experiment is called in it.
type Naming =
    {
        Axis: string
        /// What a script calls the axis.
        Word: string
        /// As short as a table's row wants it.
        Brief: Experiment -> string
        /// With all its numbers, where the short names do not tell the rows apart.
        Full: Experiment -> string
    }

/// A place of the experiment that can be varied: how a value enters it, and what it is then called.
type Axis<'value> =
    {
        Naming: Naming
        Set: 'value -> Experiment -> Experiment
    }

[<AutoOpen>]
module Axes =
    let private named word name set called =
        {
            Naming =
                {
                    Axis = name
                    Word = word
                    Brief = called Names.Brief
                    Full = called Names.Full
                }
            Set = set
        }

    let private shownAs word name set (shown: Experiment -> obj) =
        named word name set (fun length e -> Names.value length e (shown e))

    /// An axis of one's own: how a value enters an experiment, and what of it the table shows.
    let axis name set (shown: Experiment -> obj) = shownAs name name set shown

    /// Values: imbalance factors, largest class over smallest.
    let imbalance =
        axis
            "imbalance"
            (fun factor e ->
                { e with
                    Experiment.Dataset.ImbalanceFactor = factor
                })
            (fun e -> Names.imbalance e)

    /// Values: learning rates of the base optimizer.
    let learningRate =
        shownAs
            "learningRate"
            "learning rate"
            (fun rate e ->
                { e with
                    Experiment.Optimizer.LearningRate = rate
                })
            _.Optimizer.LearningRate

    /// Values: prompts a block.
    let promptLength =
        shownAs
            "promptLength"
            "prompts"
            (fun length e ->
                { e with
                    Experiment.Model.PromptLength = length
                })
            _.Model.PromptLength

    /// Values: lengths of the schedule, `70<epoch>`.
    let epochs =
        axis
            "epochs"
            (fun count e ->
                { e with
                    Experiment.Schedule.Epochs = count
                })
            _.Schedule.Epochs

    /// Values: images a step.
    let batchSize =
        shownAs "batchSize" "batch" (fun images e -> { e with Batch = images }) _.Batch

    /// Values: `FashionMnist |> longTailed 100.` and the other data sets.
    let dataset =
        named "dataset" "dataset" (fun (value: Dataset) e -> { e with Dataset = value }) Names.dataset

    /// Values: `side 224`, `publishedCifar`, `decode |> crop 4 |> flip` and other pipelines.
    let input =
        named "input" "input" (fun (value: Input) e -> { e with Input = value }) Names.input

    /// Values: `vit "FILE" |> deepPrompts 10 |> cosineHead` and other models.
    let model =
        named "model" "model" (fun (value: Model) e -> { e with Model = value }) Names.model

    /// Values: `none`, `gnm radius`, `sam rho` and the other perturbations.
    let perturbation =
        named
            "perturbation"
            "optimizer"
            (fun perturb e ->
                { e with
                    Optimizer =
                        perturb
                            { e.Optimizer with
                                Said = e.Optimizer.Said |> Said.forget "perturbation"
                            }
                })
            Names.optimizer

    /// Values: `crossEntropy`, `gcl scale` and the other losses, each with what is around it.
    let loss =
        named "loss" "loss" (fun (value: Loss) e -> { e with Loss = value }) Names.loss

    /// Values: `instanceSampling`, `classBalancedSampling` and the other samplers.
    let sampling =
        named "sampling" "sampling" (fun value e -> { e with Sampling = value }) Names.sampling

namespace LongTail

type BaseOptimizer =
    | Sgd
    | AdamW

/// What multiplies the learning rate and the perturbation's radius in a part of the model.
type Factors = { Rate: float; Radius: float }

/// The factors of each part of the model; a part that is frozen does not use its own.
type Groups =
    {
        Prompts: Factors
        Head: Factors
        Backbone: Factors
    }

/// A part of the model.
type Part =
    /// The prompts of every block.
    | Prompts
    /// The classifier on the features.
    | Head
    /// The transformer, where everything is tuned.
    | Backbone

/// A base optimizer, the neighborhood in which it takes its gradient, and what is done to gradient and values.
type Optimizer =
    {
        Base: BaseOptimizer
        LearningRate: float
        Momentum: float option
        Nesterov: bool
        WeightDecay: float
        Perturbation: Perturbation option
        Groups: Groups
        /// L2 norm to which a longer gradient is shortened.
        Clip: float option
        /// Decay of the values' exponential moving average, which is evaluated in their place.
        Average: float option
        /// Pieces in which a step's batch goes through the model.
        MicroBatches: int
        Said: Said
    }

[<AutoOpen>]
module Optimizers =
    let private plain kind rate =
        let alike = { Rate = 1.; Radius = 1. }

        {
            Base = kind
            LearningRate = rate
            Momentum = None
            Nesterov = false
            WeightDecay = 0.
            Perturbation = None
            Groups =
                {
                    Prompts = alike
                    Head = alike
                    Backbone = alike
                }
            Clip = None
            Average = None
            MicroBatches = 1
            Said = Said.nothing
        }

    /// Stochastic gradient descent at this learning rate.
    let sgd learningRate = plain Sgd learningRate

    /// AdamW with betas 0.9 and 0.999 at this learning rate.
    let adamW learningRate = plain AdamW learningRate

    /// Each step goes on by this share of the last one.
    let momentum factor optimizer =
        { optimizer with
            Momentum = Some factor
            Said = optimizer.Said |> Said.once "momentum"
        }

    /// The momentum looks ahead.
    let nesterov optimizer =
        { optimizer with
            Nesterov = true
            Said = optimizer.Said |> Said.once "nesterov"
        }

    /// Values shrink by the learning rate times this factor a step: added to the gradient under sgd, apart from it under adamW.
    let weightDecay factor optimizer =
        { optimizer with
            WeightDecay = factor
            Said = optimizer.Said |> Said.once "weightDecay"
        }

    let private inPart word part change optimizer =
        let groups = optimizer.Groups

        { optimizer with
            Groups =
                match part with
                | Prompts ->
                    { groups with
                        Prompts = change groups.Prompts
                    }
                | Head ->
                    { groups with
                        Head = change groups.Head
                    }
                | Backbone ->
                    { groups with
                        Backbone = change groups.Backbone
                    }
            Said = optimizer.Said |> Said.once $"{word} {part}"
        }

    /// The learning rate times this factor in a part of the model: `rateTimes 10. Head`.
    let rateTimes factor part optimizer =
        optimizer
        |> inPart "rateTimes" part (fun factors -> { factors with Rate = factor })

    /// The perturbation's radius times this factor in a part of the model: `radiusTimes 0. Head` perturbs the rest.
    let radiusTimes factor part optimizer =
        optimizer
        |> inPart "radiusTimes" part (fun factors -> { factors with Radius = factor })

    /// A gradient longer than this is shortened to it.
    let clipped norm optimizer =
        { optimizer with
            Clip = Some norm
            Said = optimizer.Said |> Said.once "clipped"
        }

    /// An exponential moving average of the values, of this decay a step, is evaluated in their place.
    let averaged decay optimizer =
        { optimizer with
            Average = Some decay
            Said = optimizer.Said |> Said.once "averaged"
        }

    /// A step's batch goes through the model in so many pieces, for which less memory is enough.
    let microBatches count optimizer =
        { optimizer with
            MicroBatches = count
            Said = optimizer.Said |> Said.once "microBatches"
        }

    let private around word perturbation optimizer =
        { optimizer with
            Perturbation = perturbation
            Said = optimizer.Said |> Said.oneOf "perturbation" word
        }

    /// The gradient is taken at values that this perturbation moved; the keywords below name each.
    let perturbed perturbation optimizer =
        optimizer |> around "perturbed" (Some perturbation)

    /// The base optimizer as it is.
    let none optimizer = optimizer |> around "none" None

    /// Gaussian neighborhood minimization around the optimizer; published radius: 0.05 * 0.1 = 0.005.
    let gnm radius =
        around "gnm" (Some(Gnm(radius, WithReweighting, false)))

    /// Published quirk: gnm with twice its noise in epoch 0.
    let literalGnm radius =
        around "literalGnm" (Some(Gnm(radius, WithReweighting, true)))

    /// Sharpness-aware minimization around the optimizer (Foret et al. 2021); published rho: 0.05.
    let sam rho = around "sam" (Some(Sam rho))

    /// Adaptive SAM (Kwon et al. 2021); rho is some ten times SAM's.
    let asam rho = around "asam" (Some(Asam rho))

    /// SAM on the loss of the classes with fewer than 20 images alone (Zhou et al. 2023); published rho: 0.05.
    let imbSam rho = around "imbSam" (Some(ImbSam(rho, 20)))

    /// SAM that looks the closer the rarer the class (Li et al. 2025); published for CIFAR-100-LT on CLIP: 0.05 5.5 0.8.
    let focalSam rho gamma sharpness =
        around "focalSam" (Some(FocalSam(rho, gamma, sharpness)))

    /// Low-pass filtering SGD (Bisla et al. 2022): noise in proportion to each filter's norm, one draw for each of so many
    /// shares of the batch.
    let lpfSgd deviation draws =
        around "lpfSgd" (Some(LpfSgd(deviation, draws, 1.)))

    /// Random weight perturbation of half of the batch (Li et al. 2024); published: deviation 0.01.
    let rwp deviation =
        around "rwp" (Some(Rwp(deviation, 0.5)))

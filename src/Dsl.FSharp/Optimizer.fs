namespace LongTail

type BaseOptimizer =
    | Sgd
    | AdamW

/// When the noise of Gaussian neighborhood minimization halves.
type Halving =
    /// With the deferred re-weighting, as published; never where nothing is deferred.
    | WithReweighting
    /// In every epoch after a multiple of so many.
    | Every of int<epoch>
    | Never

type Perturbation =
    /// Sharpness-aware minimization: a step of length rho along the gradient, two passes a step.
    | Sam of rho: float
    /// Gaussian neighborhood minimization: clamped noise of this radius, one pass a step (method.md 1.2).
    | Gnm of radius: float * halving: Halving * doubleInEpochZero: bool

/// A base optimizer and the neighborhood in which it takes its gradient.
type Optimizer =
    {
        Base: BaseOptimizer
        LearningRate: float
        Momentum: float option
        WeightDecay: float
        Perturbation: Perturbation option
    }

[<AutoOpen>]
module Optimizers =
    let private plain kind rate =
        {
            Base = kind
            LearningRate = rate
            Momentum = None
            WeightDecay = 0.
            Perturbation = None
        }

    /// Stochastic gradient descent at this learning rate.
    let sgd learningRate = plain Sgd learningRate

    /// AdamW with betas 0.9 and 0.999 at this learning rate.
    let adamW learningRate = plain AdamW learningRate

    let momentum factor optimizer =
        { optimizer with
            Momentum = Some factor
        }

    let weightDecay factor optimizer = { optimizer with WeightDecay = factor }

    let perturbed perturbation optimizer =
        { optimizer with
            Perturbation = Some perturbation
        }

    /// The base optimizer as it is.
    let none optimizer = { optimizer with Perturbation = None }

    /// Sharpness-aware minimization around the optimizer; published rho: 0.05.
    let sam rho optimizer = perturbed (Sam rho) optimizer

    /// Gaussian neighborhood minimization around the optimizer; published radius: 0.05 * 0.1 = 0.005.
    let gnm radius optimizer =
        perturbed (Gnm(radius, WithReweighting, false)) optimizer

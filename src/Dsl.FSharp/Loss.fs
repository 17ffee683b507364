namespace LongTail

/// Epochs count from 0.
[<Measure>]
type epoch

/// What happens to the head's outputs before the cross-entropy (method.md 2).
type LossKind =
    | CrossEntropy
    /// Gaussian clouded logits (method.md 2.4).
    | GaussianClouded of margin: float * noise: float
    /// Label-distribution-aware margins; unscaled is GNM-PT's code, which scales the margins alone (method.md 2.2).
    | Ldam of largestMargin: float * unscaled: bool
    /// Tau times the logarithm of the class's share is added: 1 is balanced softmax.
    | LogitAdjusted of tau: float

/// Effective-number class weights in the loss (method.md 2.1, 2.3).
type Reweighting =
    {
        /// First epoch in which the weights act.
        From: int<epoch>
        Beta: float
    }

/// How label-aware smoothing goes from the smallest class to the largest (method.md 2.2).
type SmoothingCurve =
    | Concave
    | Linear
    | Convex
    | Power of exponent: float

/// The share of the target that is spread over all classes, in the largest class and in the smallest.
type Smoothing =
    {
        Curve: SmoothingCurve
        Largest: float
        Smallest: float
    }

/// The factor (1 - exp(-l))^gamma of each image's loss l.
type Focal =
    {
        Gamma: float
        /// GNM-PT's code: the factor is taken of the loss times its class weight.
        OfWeighted: bool
    }

/// A loss: what is done to the logits, to the target, to each image's loss and to the classes' weights.
type Loss =
    {
        Kind: LossKind
        /// Multiplies the head's outputs; None is 1 for a linear head, 25 for a cosine head.
        Scale: float option
        Smoothing: Smoothing option
        Focal: Focal option
        Reweighting: Reweighting option
        /// Tau of the logit adjustment that comes after training, in evaluation.
        PostHoc: float option
    }

[<AutoOpen>]
module Losses =
    let private plain kind =
        {
            Kind = kind
            Scale = None
            Smoothing = None
            Focal = None
            Reweighting = None
            PostHoc = None
        }

    /// Cross-entropy of the scaled outputs: 25 times a cosine head's, a linear head's as they are.
    let crossEntropy = plain CrossEntropy

    /// So many times the head's outputs enter the loss.
    let scaled scale loss = { loss with Scale = Some scale }

    /// Gaussian clouded logits with the published margin 0.1 and noise 1; published scale: 25.
    let gcl scale =
        plain (GaussianClouded(0.1, 1.)) |> scaled scale

    /// Label-distribution-aware margins of at most 0.5, as published; published scale: 30.
    let ldam scale =
        plain (Ldam(0.5, false)) |> scaled scale

    /// Published quirk: the margins are scaled and the cosines are not, so that no logit can make good its margin.
    let unscaledLdam scale = plain (Ldam(0.5, true)) |> scaled scale

    /// Cross-entropy of logits to which tau times the logarithm of the class's share is added (Menon et al. 2021).
    let logitAdjusted tau = plain (LogitAdjusted tau)

    /// Logit adjustment with tau 1 (Ren et al. 2020).
    let balancedSoftmax = logitAdjusted 1.

    /// Logit adjustment after training: tau times the logarithm of the class's share is taken off before the prediction.
    let adjustedPostHoc tau loss = { loss with PostHoc = Some tau }

    /// Each image's loss l counts (1 - exp(-l))^gamma times (Lin et al. 2017).
    let focal gamma loss =
        { loss with
            Focal = Some { Gamma = gamma; OfWeighted = false }
        }

    /// Published quirk: the focal factor of a loss that is weighted already, averaged plainly.
    let focalOfWeighted gamma loss =
        { loss with
            Focal = Some { Gamma = gamma; OfWeighted = true }
        }

    /// The share of every target that is spread over all classes grows along a curve from the smallest class to the
    /// largest (Zhong et al. 2021, who take `Concave 0.4 0.1` for CIFAR-100-LT).
    let labelAwareSmoothing curve largest smallest loss =
        { loss with
            Smoothing =
                Some
                    {
                        Curve = curve
                        Largest = largest
                        Smallest = smallest
                    }
        }

    /// The same share of every target is spread over all classes.
    let labelSmoothing share loss =
        loss |> labelAwareSmoothing Linear share share

    let private reweighted from beta loss =
        { loss with
            Reweighting = Some { From = from; Beta = beta }
        }

    /// Class weights act from the start (Cui et al. 2019); published beta: 0.9999.
    let classBalanced beta loss = loss |> reweighted 0<epoch> beta

    /// Class weights act from this epoch on (DRW), with the published beta of the loss.
    let deferReweighting from loss =
        match loss.Kind with
        | GaussianClouded _ -> loss |> reweighted from 0.9998
        | _ -> loss |> reweighted from 0.9999

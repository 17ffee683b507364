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
    /// The sine of a quarter turn.
    | Concave
    /// In proportion to the images above the smallest class's.
    | Linear
    /// One less the cosine of a quarter turn.
    | Convex
    /// The share of images above the smallest class's to this power.
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
        Said: Said
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
            Said = Said.nothing
        }

    /// Cross-entropy of the scaled outputs: 25 times a cosine head's, a linear head's as they are.
    let crossEntropy = plain CrossEntropy

    /// So many times the head's outputs enter the loss.
    let scaled scale loss =
        { loss with
            Scale = Some scale
            Said = loss.Said |> Said.once "scaled"
        }

    /// A kind of loss that is published with its scale, which is not to be said again.
    let private at scale word kind =
        { plain kind with
            Scale = Some scale
            Said = Said.nothing |> Said.oneOf "scaled" word
        }

    /// Gaussian clouded logits with the published margin 0.1 and noise 1; published scale: 25.
    let gcl scale =
        GaussianClouded(0.1, 1.) |> at scale "gcl"

    /// Label-distribution-aware margins of at most 0.5, as published; published scale: 30.
    let ldam scale = Ldam(0.5, false) |> at scale "ldam"

    /// Published quirk: the margins are scaled and the cosines are not, so that no logit can make good its margin.
    let unscaledLdam scale =
        Ldam(0.5, true) |> at scale "unscaledLdam"

    /// Another margin than the published one: the largest of ldam's, the one of gcl's.
    let margin width loss =
        let said = loss.Said |> Said.once "margin"

        match loss.Kind with
        | GaussianClouded(_, noise) ->
            { loss with
                Kind = GaussianClouded(width, noise)
                Said = said
            }
        | Ldam(_, unscaled) ->
            { loss with
                Kind = Ldam(width, unscaled)
                Said = said
            }
        | CrossEntropy
        | LogitAdjusted _ ->
            { loss with
                Said =
                    said
                    |> Said.contradicting "margin" "is of a loss that has none" "take gcl or ldam, or leave it out"
            }

    /// Cross-entropy of logits to which tau times the logarithm of the class's share is added (Menon et al. 2021).
    let logitAdjusted tau = plain (LogitAdjusted tau)

    /// Logit adjustment with tau 1 (Ren et al. 2020).
    let balancedSoftmax = logitAdjusted 1.

    /// Logit adjustment after training: tau times the logarithm of the class's share is taken off before the prediction.
    let adjustedPostHoc tau loss =
        { loss with
            PostHoc = Some tau
            Said = loss.Said |> Said.once "adjustedPostHoc"
        }

    /// Each image's loss l counts (1 - exp(-l))^gamma times (Lin et al. 2017).
    let focal gamma loss =
        { loss with
            Focal = Some { Gamma = gamma; OfWeighted = false }
            Said = loss.Said |> Said.oneOf "focal" "focal"
        }

    /// Published quirk: the focal factor of a loss that is weighted already, averaged plainly.
    let focalOfWeighted gamma loss =
        { loss with
            Focal = Some { Gamma = gamma; OfWeighted = true }
            Said = loss.Said |> Said.oneOf "focal" "focalOfWeighted"
        }

    let private smoothed word curve largest smallest loss =
        { loss with
            Smoothing =
                Some
                    {
                        Curve = curve
                        Largest = largest
                        Smallest = smallest
                    }
            Said = loss.Said |> Said.oneOf "smoothing" word
        }

    /// The share of every target that is spread over all classes grows along a curve from the smallest class to the
    /// largest (Zhong et al. 2021, who take `Concave 0.4 0.1` for CIFAR-100-LT).
    let labelAwareSmoothing curve largest smallest loss =
        loss |> smoothed "labelAwareSmoothing" curve largest smallest

    /// The same share of every target is spread over all classes.
    let labelSmoothing share loss =
        loss |> smoothed "labelSmoothing" Linear share share

    let private weighing word beta loss =
        let from = loss.Reweighting |> Option.map _.From |> Option.defaultValue 0<epoch>

        { loss with
            Reweighting = Some { From = from; Beta = beta }
            Said = loss.Said |> Said.oneOf "beta" word
        }

    /// Class weights of effective numbers act from the start, or from the epoch of `deferReweighting` where that is said
    /// too (Cui et al. 2019); published beta: 0.9999.
    let classBalanced beta loss = loss |> weighing "classBalanced" beta

    /// Class weights act from this epoch on (DRW), with the published beta of the loss where none is said: 0.9998 of gcl,
    /// 0.9999 of others.
    let deferReweighting from loss =
        let beta =
            match loss.Reweighting, loss.Kind with
            | Some said, _ -> said.Beta
            | None, GaussianClouded _ -> 0.9998
            | None, _ -> 0.9999

        { loss with
            Reweighting = Some { From = from; Beta = beta }
            Said = loss.Said |> Said.once "deferReweighting"
        }

    /// Another beta than the published one for the class weights of `deferReweighting`.
    let reweightingBeta beta loss = loss |> weighing "reweightingBeta" beta

namespace LongTail

/// Epochs count from 0.
[<Measure>]
type epoch

type LossKind =
    | CrossEntropy
    /// Gaussian clouded logits (method.md 2.4).
    | GaussianClouded of margin: float * noise: float

/// Effective-number class weights that enter the loss late (method.md 2.1, 2.3).
type Reweighting =
    {
        /// First epoch in which the weights act.
        From: int<epoch>
        Beta: float
    }

/// A loss, its scale, and whether its class weights are deferred or absent.
type Loss =
    {
        Kind: LossKind
        /// Multiplies the head's outputs; None is 1 for a linear head, 25 for a cosine head.
        Scale: float option
        Reweighting: Reweighting option
    }

[<AutoOpen>]
module Losses =
    let crossEntropy =
        {
            Kind = CrossEntropy
            Scale = None
            Reweighting = None
        }

    /// Gaussian clouded logits with the published margin 0.1 and noise 1; published scale: 25.
    let gcl scale =
        {
            Kind = GaussianClouded(0.1, 1.)
            Scale = Some scale
            Reweighting = None
        }

    let scaled scale loss = { loss with Scale = Some scale }

    /// Class weights act from this epoch on (DRW), with the published beta of the loss.
    let deferReweighting from loss =
        let beta =
            match loss.Kind with
            | CrossEntropy -> 0.9999
            | GaussianClouded _ -> 0.9998

        { loss with
            Reweighting = Some { From = from; Beta = beta }
        }

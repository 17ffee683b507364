namespace LongTail

/// Which training images an epoch takes (method.md 4.5).
[<RequireQualifiedAccess>]
type Sampling =
    /// Every image once.
    | Instance
    /// As many draws as there are images: a class in proportion to its images to this power, then one of them; -1 is
    /// reversed sampling.
    | ClassPower of power: float
    /// From instance to class-balanced probabilities over the epochs.
    | Progressive
    /// Images drawn with the weights of effective numbers.
    | EffectiveNumber of beta: float
    /// Classes in turn, each giving so many images in a row.
    | ClassAware of perClass: int
    /// One sampler before an epoch, another one from it on (DRS).
    | Deferred of before: Sampling * from: int<epoch> * after: Sampling

[<AutoOpen>]
module Samplings =
    /// Every image once an epoch: what an experiment takes that says nothing of sampling.
    let instanceSampling = Sampling.Instance

    /// Every class as often as any other.
    let classBalancedSampling = Sampling.ClassPower 0.

    /// Classes in proportion to the square root of their images.
    let squareRootSampling = Sampling.ClassPower 0.5

    /// From instance sampling to class-balanced sampling, in proportion to the epochs done (Kang et al. 2020).
    let progressiveSampling = Sampling.Progressive

    /// Images drawn with the class weights of effective numbers (Cui et al. 2019); published beta: 0.9999.
    let effectiveNumberSampling beta = Sampling.EffectiveNumber beta

    /// Classes in a shuffled cycle, each giving so many images in a row; published: 4. An epoch is as long as if every
    /// class had the largest one's images.
    let classAwareSampling perClass = Sampling.ClassAware perClass

    /// Takes another sampler from this epoch on (DRS): `instanceSampling |> deferResampling 60<epoch> classBalancedSampling`.
    let deferResampling from after before = Sampling.Deferred(before, from, after)

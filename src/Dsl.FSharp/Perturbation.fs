namespace LongTail

/// When the noise of Gaussian neighborhood minimization halves.
type Halving =
    /// With the deferred re-weighting, as published; never where nothing is deferred.
    | WithReweighting
    /// In every epoch after a multiple of so many.
    | Every of int<epoch>
    | Never
    /// Published quirk: E = -1, meant as "never", doubles the noise in every epoch.
    | PublishedOff

/// The neighborhood in which a step takes its gradient (method.md 1.2, 1.5).
type Perturbation =
    /// Gaussian neighborhood minimization: clamped noise of this radius, one pass a step. Literal is the published
    /// code's multiplier to the letter, which doubles the noise in epoch 0.
    | Gnm of radius: float * halving: Halving * literal: bool
    /// Sharpness-aware minimization: a step of length rho along the gradient, two passes a step.
    | Sam of rho: float
    /// SAM with a step in proportion to the values.
    | Asam of rho: float
    /// SAM on the loss of the classes with fewer images alone.
    | ImbSam of rho: float * tailBelow: int
    /// SAM on a loss that weighs class j by (1 - share_j)^gamma; sharpness multiplies what it adds to the loss.
    | FocalSam of rho: float * gamma: float * sharpness: float
    /// Noise in proportion to each filter's norm, a draw for each of so many shares of the batch; growth is the
    /// deviation at the end of the run over that at its start.
    | LpfSgd of deviation: float * draws: int * growth: float
    /// The same noise on half of the batch, whose gradient counts mix, and none on the other half.
    | Rwp of deviation: float * mix: float

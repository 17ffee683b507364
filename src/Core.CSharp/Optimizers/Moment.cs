using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>Where in a run a step falls.</summary>
/// <param name="Step">Steps done before this one since the run began, over all epochs.</param>
/// <param name="Epoch">Counts from 0.</param>
/// <param name="LearningRate">At this step; finite and not negative.</param>
public readonly record struct Moment(long Step, int Epoch, double LearningRate);

/// <summary>
/// Forward and backward at the parameters' present values: adds the gradient into
/// <see cref="FlatParameters.Gradients"/>, which is zero when it is called, and returns the detached loss.
/// </summary>
public delegate Tensor Pass();

namespace LongTail.Core.Optimizers;

/// <summary>Where in a run a step falls.</summary>
/// <param name="Step">Steps done before this one since the run began, over all epochs.</param>
/// <param name="Epoch">Counts from 0.</param>
/// <param name="LearningRate">At this step; finite and not negative.</param>
/// <param name="Done">Share of the run's steps done before this one, in [0, 1).</param>
public readonly record struct Moment(long Step, int Epoch, double LearningRate, double Done = 0);

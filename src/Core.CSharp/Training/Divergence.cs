using LongTail.Core.Settings;

namespace LongTail.Core.Training;

/// <summary>A run that left the numbers.</summary>
internal static class Divergence
{
    /// <param name="what">What is no number, and where in the run.</param>
    internal static DivergedException Of(string what, RunSettings settings) =>
        new(
            $"{what}: the run diverged; lower the learning rate ({Digits.Text(settings.Optimizer.Base.LearningRate)})"
        );
}

namespace LongTail.Core.Settings;

/// <summary>A base optimizer, where it takes its gradient, and what is done to gradient and values around it.</summary>
/// <param name="Perturbation">null takes the gradient at the values themselves.</param>
/// <param name="ClipNorm">L2 norm to which a longer gradient is shortened; null shortens none.</param>
/// <param name="AverageDecay">Decay of the exponential moving average that is evaluated and exported; null keeps none.</param>
/// <param name="MicroBatches">Pieces in which a step's batch goes through the model; their gradients are added up.</param>
public sealed record OptimizerSettings(
    BaseOptimizerSettings Base,
    PerturbationSettings? Perturbation,
    ParameterGroups Groups,
    double? ClipNorm,
    double? AverageDecay,
    int MicroBatches
);

/// <param name="LearningRate">Rate at the schedule's start.</param>
/// <param name="WeightDecay">Factor of the (unperturbed) values added to the gradient (SGD) or taken off decoupled (AdamW).</param>
public abstract record BaseOptimizerSettings(double LearningRate, double WeightDecay);

/// <param name="Nesterov">The update looks ahead along the velocity: g + momentum * v instead of v.</param>
public sealed record SgdSettings(
    double LearningRate,
    double Momentum,
    bool Nesterov,
    double WeightDecay
) : BaseOptimizerSettings(LearningRate, WeightDecay);

/// <summary>Betas 0.9 and 0.999, eps 1e-8.</summary>
public sealed record AdamWSettings(double LearningRate, double WeightDecay)
    : BaseOptimizerSettings(LearningRate, WeightDecay);

/// <summary>What multiplies the learning rate and the radius of the perturbation for a part of the model.</summary>
public sealed record GroupSettings(double RateFactor, double RadiusFactor);

/// <summary>The groups of trained values; a part that the tuning mode leaves frozen has no values in its group.</summary>
public sealed record ParameterGroups(
    GroupSettings Prompts,
    GroupSettings Head,
    GroupSettings Backbone
)
{
    public static ParameterGroups Alike { get; } = new(new(1, 1), new(1, 1), new(1, 1));
}

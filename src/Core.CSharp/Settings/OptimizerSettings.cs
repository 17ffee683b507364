namespace LongTail.Core.Settings;

/// <summary>A base optimizer and what it is perturbed with.</summary>
public sealed record OptimizerSettings(
    BaseOptimizerSettings Base,
    PerturbationSettings? Perturbation
);

/// <param name="LearningRate">Rate at the schedule's start.</param>
/// <param name="WeightDecay">Factor of the (unperturbed) values added to the gradient (SGD) or taken off decoupled (AdamW).</param>
public abstract record BaseOptimizerSettings(double LearningRate, double WeightDecay);

public sealed record SgdSettings(double LearningRate, double Momentum, double WeightDecay)
    : BaseOptimizerSettings(LearningRate, WeightDecay);

/// <summary>Betas 0.9 and 0.999, eps 1e-8.</summary>
public sealed record AdamWSettings(double LearningRate, double WeightDecay)
    : BaseOptimizerSettings(LearningRate, WeightDecay);

public abstract record PerturbationSettings;

/// <summary>Sharpness-aware minimization: e = rho * g / ||g||.</summary>
public sealed record SamSettings(double Rho) : PerturbationSettings;

/// <summary>Gaussian neighborhood minimization: e = Radius * m(epoch) * clamp(N(0, 1/9), -1, 1) (method.md 1.2).</summary>
/// <param name="Radius">rho * dis_mul of the published code: 0.05 * 0.1 = 0.005.</param>
/// <param name="HalveEvery">E of m(e) = 0.5^floor((e-1)/E); null keeps m = 1.</param>
/// <param name="DoubleInEpochZero">The published code's m(0) = 2.</param>
public sealed record GnmSettings(double Radius, int? HalveEvery, bool DoubleInEpochZero)
    : PerturbationSettings;

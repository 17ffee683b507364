namespace LongTail.Core.Settings;

/// <summary>Cosine decay of the learning rate to zero over the epochs, and what is deferred to a later epoch.</summary>
/// <param name="Epochs">0 trains nothing: the model is judged as initialised.</param>
/// <param name="LagOneEpoch">The published schedule: epochs 0 and 1 both run at the full rate (method.md 5).</param>
/// <param name="WarmupEpochs">Epochs of linear rise before the cosine; 0 has none.</param>
/// <param name="Reweighting">null never re-weights.</param>
/// <param name="Resampling">null keeps the sampler of the start.</param>
public sealed record ScheduleSettings(
    int Epochs,
    bool LagOneEpoch,
    int WarmupEpochs,
    DeferredReweighting? Reweighting,
    SamplerSettings Sampler,
    DeferredResampling? Resampling
);

/// <summary>
/// Effective-number class weights (method.md 2.1) that act in every epoch e &gt; After (epochs count from 0): -1 weighs from
/// the start, which is the class-balanced loss.
/// </summary>
public sealed record DeferredReweighting(int After, double Beta);

/// <summary>The sampler of every epoch e &gt; After (DRS).</summary>
public sealed record DeferredResampling(int After, SamplerSettings Sampler);

/// <summary>Which training images an epoch takes, and in which order (method.md 4.5).</summary>
public abstract record SamplerSettings;

/// <summary>Every image once.</summary>
public sealed record InstanceSampling : SamplerSettings;

/// <summary>As many draws as there are images, with replacement: a class with p_j ~ n_j^Power, then one of its images.</summary>
/// <param name="Power">
/// 0 is class-balanced, 1/2 square-root sampling, 1 instance sampling with replacement; from -Limit to Limit.
/// </param>
public sealed record PowerSampling(double Power) : SamplerSettings
{
    /// <summary>Beyond it one class takes every draw, and farther still the probabilities overflow.</summary>
    public const double Limit = 10;
}

/// <summary>
/// p_j = (1 - t) n_j / N + t / C with t = e / (T - 1): instance sampling with replacement in the first epoch, class-balanced in
/// the last (Kang et al. 2020, whose t = e / T stops short of it).
/// </summary>
public sealed record ProgressiveSampling : SamplerSettings;

/// <summary>Images drawn with weights (1 - Beta) / (1 - Beta^n) of their class.</summary>
public sealed record EffectiveNumberSampling(double Beta) : SamplerSettings;

/// <summary>
/// Classes in a shuffled cycle, each giving PerClass images in a row of a shuffled cycle of its own; an epoch has the
/// largest class's images times the number of classes.
/// </summary>
public sealed record ClassAwareSampling(int PerClass) : SamplerSettings;

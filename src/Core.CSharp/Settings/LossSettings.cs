namespace LongTail.Core.Settings;

/// <summary>
/// A loss on the head's outputs (method.md 2): what is done to the logits, then cross-entropy against a target that may be
/// smoothed, then the focal factor. Class weights enter by <see cref="ScheduleSettings.Reweighting"/>.
/// </summary>
/// <param name="Scale">The head's outputs are multiplied by this before the softmax, in training and in calibration.</param>
/// <param name="Smoothing">null is the one-hot target.</param>
/// <param name="Focal">null is the plain cross-entropy.</param>
public sealed record LossSettings(
    double Scale,
    LogitSettings Logits,
    SmoothingSettings? Smoothing,
    FocalSettings? Focal
);

/// <summary>What happens to the logits between the head and the cross-entropy.</summary>
public abstract record LogitSettings;

/// <summary>They are multiplied by the scale.</summary>
public sealed record PlainLogits : LogitSettings;

/// <summary>Gaussian clouded logits (method.md 2.4) on cosines. Published: margin 0.1, noise 1.</summary>
public sealed record GaussianCloudedSettings(double Margin, double Noise) : LogitSettings;

/// <summary>Label-distribution-aware margins: Scale * (z - D_y) with D_j ~ n_j^(-1/4), at most LargestMargin (published: 0.5).</summary>
/// <param name="UnscaledLogits">GNM-PT's code: z - Scale * D_y, the other logits without the scale (method.md 2.2, LDAM trap).</param>
public sealed record LdamSettings(double LargestMargin, bool UnscaledLogits) : LogitSettings;

/// <summary>Logit adjustment: Scale * z + Tau * ln(prior). Tau 1 is balanced softmax.</summary>
public sealed record LogitAdjustmentSettings(double Tau) : LogitSettings;

/// <summary>How label-aware smoothing goes from the smallest class to the largest (method.md 2.2).</summary>
public enum SmoothingShape
{
    Concave,
    Linear,
    Convex,
    Power,
}

/// <summary>The share of the target that is spread over all classes. Head = Tail is label smoothing.</summary>
/// <param name="Head">Share in the largest class.</param>
/// <param name="Tail">Share in the smallest class.</param>
/// <param name="Exponent">Of the shape Power.</param>
public sealed record SmoothingSettings(
    double Head,
    double Tail,
    SmoothingShape Shape,
    double Exponent
);

/// <summary>The factor (1 - exp(-l))^Gamma of each image's loss l; no gradient flows through it.</summary>
/// <param name="OfWeighted">
/// GNM-PT's code: l is multiplied by its class weight before the factor is taken of it, and the mean is plain. Otherwise
/// the weighted mean of focal losses (class-balanced focal).
/// </param>
public sealed record FocalSettings(double Gamma, bool OfWeighted);

namespace LongTail.Core.Settings;

/// <summary>A loss on the head's outputs (method.md 2).</summary>
/// <param name="Scale">The head's outputs are multiplied by this before the softmax, in training and in calibration.</param>
public abstract record LossSettings(double Scale);

/// <summary>Cross-entropy of Scale * outputs.</summary>
public sealed record CrossEntropySettings(double Scale) : LossSettings(Scale);

/// <summary>Gaussian clouded logits (method.md 2.4) on cosines. Published: scale 25, margin 0.1, noise 1.</summary>
public sealed record GaussianCloudedSettings(double Scale, double Margin, double Noise)
    : LossSettings(Scale);

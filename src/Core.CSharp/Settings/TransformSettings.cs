namespace LongTail.Core.Settings;

/// <summary>
/// One step from a decoded image to the model's input. All work on bytes but <see cref="Resize"/>, which is the last where
/// it is there. Of a kind a list holds one.
/// </summary>
public abstract record TransformSettings;

/// <summary>A random window of the image's own size after zero padding by so many pixels.</summary>
public sealed record RandomCrop(int Padding) : TransformSettings;

/// <summary>A random rectangle of the image, resized as by <see cref="ResizeShort"/> (Szegedy et al. 2015).</summary>
/// <param name="SmallestArea">Of the rectangle, as a share of the image's (published: 0.08).</param>
/// <param name="LargestAspect">Width over height lies between its inverse and it, evenly in the logarithm (published: 4/3).</param>
public sealed record RandomResizedCrop(int Side, double SmallestArea, double LargestAspect)
    : TransformSettings;

/// <summary>Left to right with probability one half.</summary>
public sealed record RandomFlip : TransformSettings;

public enum AugmentationPolicy
{
    /// <summary>AutoAugment's 25 pairs for CIFAR-10 (method.md 4.3).</summary>
    Cifar10,
}

/// <summary>A pair of operations of a learnt policy, each with its own probability and magnitude.</summary>
public sealed record AutoAugment(AugmentationPolicy Policy) : TransformSettings;

/// <summary>So many of fourteen operations, all at one magnitude (Cubuk et al. 2020).</summary>
/// <param name="Magnitude">From 0 to 30.</param>
public sealed record RandAugment(int Operations, int Magnitude) : TransformSettings;

/// <summary>Brightness, contrast and saturation times a factor from 1 - x to 1 + x, in random order.</summary>
public sealed record ColourJitter(double Brightness, double Contrast, double Saturation)
    : TransformSettings;

/// <summary>Zeros in a square around a random pixel, as far as it lies in the image (DeVries and Taylor 2017).</summary>
public sealed record Cutout(int Side) : TransformSettings;

/// <summary>To a square: bilinear, half-pixel centres, no antialias, not rounded to bytes.</summary>
public sealed record Resize(int Side) : TransformSettings;

/// <summary>The shorter side to so many pixels, as Pillow does it: bilinear with antialias, rounded to bytes.</summary>
public sealed record ResizeShort(int Side) : TransformSettings;

/// <summary>The square in the middle.</summary>
public sealed record CentreCrop(int Side) : TransformSettings;

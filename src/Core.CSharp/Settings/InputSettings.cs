namespace LongTail.Core.Settings;

/// <summary>One value for each of the red, green and blue planes.</summary>
public readonly record struct Rgb(double Red, double Green, double Blue);

/// <summary>How a uint8 image becomes the model's input: transforms one after the other, then to [0, 1] and normalised.</summary>
/// <param name="Train">Of the images that a step learns from.</param>
/// <param name="Test">Of the images that values are judged on; nothing random.</param>
/// <param name="Mean">Subtracted from pixels in [0, 1].</param>
/// <param name="Deviation">Divides what the mean left.</param>
public sealed record InputSettings(
    IReadOnlyList<TransformSettings> Train,
    IReadOnlyList<TransformSettings> Test,
    Rgb Mean,
    Rgb Deviation
)
{
    public bool Equals(InputSettings? other) =>
        other is not null
        && Train.SequenceEqual(other.Train)
        && Test.SequenceEqual(other.Test)
        && Mean == other.Mean
        && Deviation == other.Deviation;

    public override int GetHashCode() => HashCode.Combine(Train.Count, Test.Count, Mean, Deviation);
}

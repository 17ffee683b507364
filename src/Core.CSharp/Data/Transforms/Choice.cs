namespace LongTail.Core.Data.Transforms;

/// <summary>What an image's random numbers are for. The values are part of every run's numbers: append, never reorder.</summary>
public enum Choice
{
    /// <summary>Drawn for the whole batch, by libtorch's generator.</summary>
    CropAndFlip,
    AutoAugment,
    RandAugment,
    ColourJitter,
    Cutout,
    RandomResizedCrop,
}

public static class Choices
{
    /// <summary>
    /// Key of the random numbers of one image for one choice: they depend on nothing else, so neither on other choices
    /// nor on threads.
    /// </summary>
    /// <param name="seed">Of the run.</param>
    /// <param name="step">Of the run, over all epochs.</param>
    /// <param name="position">Of the image in its batch.</param>
    public static ulong Key(this Choice choice, long seed, long step, int position)
    {
        var batch = Randomness.Key(seed, Purpose.Augmentation, step, (int)choice);
        return Randomness.Key(unchecked((long)batch), Purpose.Augmentation, position);
    }
}

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

/// <summary>
/// The random numbers of one image for one choice: they depend on the run's seed, the step, the choice and the image's
/// position in its batch, and on nothing else, so neither on other choices nor on threads.
/// </summary>
public struct Draws
{
    private ulong state;

    public Draws(long seed, long step, Choice choice, int position) =>
        state = Randomness.Key(
            unchecked((long)Randomness.Key(seed, Purpose.Augmentation, step, (int)choice)),
            Purpose.Augmentation,
            position
        );

    /// <summary>A whole number from 0 on that is smaller than this.</summary>
    public int Below(int limit) => (int)Math.BigMul(Next(), (ulong)limit, out _);

    /// <summary>At least 0 and below 1.</summary>
    public double Share() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>At least the one and below the other.</summary>
    public double Between(double from, double to) => from + (to - from) * Share();

    private ulong Next() => Randomness.Next(ref state);
}

using LongTail.Core.Losses;
using LongTail.Core.Settings;
using static TorchSharp.torch;

namespace LongTail.Core.Data;

/// <summary>
/// Chooses the training images of an epoch and their order (method.md 4.5). What is drawn depends on nothing but the seed and
/// the epoch: a run that resumes in mid-epoch draws the same order and goes on where it stood.
/// </summary>
public abstract class Sampler
{
    private protected Sampler(long length) => Length = length;

    /// <summary>Images that an epoch takes, repeats counted.</summary>
    public long Length { get; }

    /// <summary>(<see cref="Length"/>): positions in the training split, int64, on the CPU.</summary>
    /// <param name="epoch">Counts from 0.</param>
    /// <param name="epochs">Of the whole run: progressive sampling goes by the share of them that is done.</param>
    public Tensor Order(long seed, int epoch, int epochs)
    {
        using var scope = NewDisposeScope();
        using var generator = Randomness.Stream(seed, Purpose.DataOrder, epoch);
        var done = epoch / Math.Max(1.0, epochs - 1);
        return Draw(generator, done).MoveToOuterDisposeScope();
    }

    /// <param name="done">0 in the first epoch, 1 in the last.</param>
    private protected abstract Tensor Draw(Generator generator, double done);

    /// <summary>The sampler that the settings describe.</summary>
    /// <param name="labels">(N), int64, of any device: the training images' classes.</param>
    /// <param name="classCounts">Training images of each class: N together.</param>
    /// <exception cref="InputException">No class, or a class without an image, where images are drawn by class.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number outside its range.</exception>
    public static Sampler Create(
        SamplerSettings settings,
        Tensor labels,
        IReadOnlyList<int> classCounts
    )
    {
        return settings switch
        {
            InstanceSampling => new InstanceSampler(labels.shape[0]),
            PowerSampling s => Constant(WeightedSampler.Power(classCounts, s.Power)),
            EffectiveNumberSampling s => Constant(
                ClassWeights.EffectiveNumber(classCounts, s.Beta)
            ),
            ProgressiveSampling => new WeightedSampler(
                labels,
                WeightedSampler.Power(classCounts, 1),
                WeightedSampler.Power(classCounts, 0)
            ),
            ClassAwareSampling s => new ClassAwareSampler(labels, classCounts, s.PerClass),
            _ => throw new NotSupportedException($"No sampler for {settings}."),
        };

        WeightedSampler Constant(double[] weights) => new(labels, weights, weights);
    }
}

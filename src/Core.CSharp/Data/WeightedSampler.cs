using LongTail.Core.Settings;
using static TorchSharp.torch;

namespace LongTail.Core.Data;

/// <summary>
/// As many draws as there are images, with replacement, each image with the weight of its class. The weights go in even steps
/// from those of the first epoch to those of the last: Kang et al. (2020) go from epoch 0 toward an epoch that is not run.
/// </summary>
public sealed class WeightedSampler : Sampler
{
    private readonly long[] labels;
    private readonly double[] first;
    private readonly double[] last;

    /// <param name="labels">(N), int64, of any device: the images' classes.</param>
    /// <param name="first">Weight of one image of each class in the first epoch, and in <paramref name="last"/> in the last.</param>
    public WeightedSampler(Tensor labels, double[] first, double[] last)
        : base(labels.shape[0])
    {
        using var onCpu = labels.cpu();
        this.labels = onCpu.data<long>().ToArray();
        this.first = first;
        this.last = last;
    }

    /// <summary>
    /// Weights of one image under which class j is drawn with p_j = n_j^power / sum_k n_k^power: p_j / n_j.
    /// </summary>
    /// <param name="power">0 is class-balanced, 1/2 square-root, 1 instance sampling; -1 is reversed sampling.</param>
    /// <exception cref="InputException">no class, or a class without an image</exception>
    /// <exception cref="ArgumentOutOfRangeException">power beyond the limit of <see cref="PowerSampling"/> or NaN</exception>
    public static double[] Power(IReadOnlyList<int> classCounts, double power)
    {
        Guard.Within(power, PowerSampling.Limit);
        double largest = ClassCounts.Check(classCounts).Max();
        var shares = classCounts.Select(n => Math.Pow(n / largest, power)).ToArray();
        var sum = shares.Sum();
        return [.. shares.Zip(classCounts, (share, n) => share / sum / n)];
    }

    private protected override Tensor Draw(Generator generator, double done)
    {
        var weights = first.Zip(last, (from, to) => from + done * (to - from)).ToArray();
        return tensor(weights)
            .index_select(0, tensor(labels))
            .multinomial(Length, replacement: true, generator);
    }
}

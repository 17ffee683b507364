using LongTail.Core.Settings;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace LongTail.Core.Losses;

/// <summary>N(0, 1/9) of the given shape, BEFORE the clamp to [-1, 1] and the absolute value. Fresh at every call.</summary>
public delegate Tensor LossNoise(long[] shape);

/// <summary>A loss on the head's outputs, averaged over the batch with the weights of its targets' classes.</summary>
public abstract class Loss : IDisposable
{
    /// <exception cref="ArgumentOutOfRangeException">scale not positive</exception>
    private protected Loss(double scale) => Scale = Guard.Positive(scale);

    /// <summary>Outputs are multiplied by this before the softmax, here and wherever a confidence is reported.</summary>
    public double Scale { get; }

    /// <summary>
    /// sum_i w[y_i] * l_i / sum_i w[y_i]: the batch's weights, not its size, normalise the mean (method.md 2).
    /// </summary>
    /// <param name="outputs">(batch, classes): cosines or linear logits.</param>
    /// <param name="targets">(batch), int64 class indices.</param>
    /// <param name="classWeights">(classes), dtype and device of the outputs; null weighs all alike.</param>
    /// <param name="noise">Called once by losses that draw; see <see cref="Drawn"/>.</param>
    /// <returns>A scalar with its graph.</returns>
    public Tensor Of(Tensor outputs, Tensor targets, Tensor? classWeights, LossNoise noise)
    {
        using var scope = NewDisposeScope();
        return F.cross_entropy(Logits(outputs, targets, noise), targets, classWeights)
            .MoveToOuterDisposeScope();
    }

    /// <summary>(batch, classes): what the cross-entropy is taken of; scaled, and perturbed where the loss perturbs.</summary>
    public abstract Tensor Logits(Tensor outputs, Tensor targets, LossNoise noise);

    /// <summary>
    /// Noise for one step of a run: keyed by seed and step, and by the number of the call, since SAM computes the loss
    /// twice a step.
    /// </summary>
    /// <param name="dtype">The outputs' dtype.</param>
    public static LossNoise Drawn(long seed, long step, ScalarType dtype, Device device)
    {
        var call = 0;
        return shape =>
        {
            using var generator = Randomness.Stream(seed, Purpose.LossNoise, step, device, call++);
            return empty(shape, dtype, device).normal_(0, 1.0 / 3, generator);
        };
    }

    /// <summary>The loss that the settings describe.</summary>
    /// <param name="classCounts">Training images of each class.</param>
    /// <param name="dtype">The outputs' dtype.</param>
    /// <param name="device">The outputs' device; null is the CPU.</param>
    public static Loss Create(
        LossSettings settings,
        IReadOnlyList<int> classCounts,
        ScalarType dtype = ScalarType.Float32,
        Device? device = null
    ) =>
        settings.Logits switch
        {
            PlainLogits => new CrossEntropy(settings.Scale),
            GaussianCloudedSettings gcl => new GaussianClouded(
                classCounts,
                settings.Scale,
                gcl.Margin,
                gcl.Noise,
                dtype,
                device
            ),
            _ => throw new NotSupportedException($"No loss for {settings}."),
        };

    public abstract void Dispose();
}

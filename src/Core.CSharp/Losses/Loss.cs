using LongTail.Core.Settings;
using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Losses;

/// <summary>N(0, 1/9) of the given shape, BEFORE the clamp to [-1, 1] and the absolute value. Fresh at every call.</summary>
public delegate Tensor LossNoise(long[] shape);

/// <summary>
/// A loss on the head's outputs, composed in this order: a rule for the logits, the cross-entropy against a target that may be
/// smoothed, the focal factor, the class weights, the mean over the batch (method.md 2).
/// </summary>
public sealed class Loss : IDisposable
{
    private readonly LogitRule rule;
    private readonly Smoothing? smoothing;
    private readonly FocalSettings? focal;

    private Loss(LogitRule rule, Smoothing? smoothing, FocalSettings? focal)
    {
        this.rule = rule;
        this.smoothing = smoothing;
        this.focal = focal;
    }

    /// <summary>Outputs are multiplied by this before the softmax, here and wherever a confidence is reported.</summary>
    public double Scale => rule.Scale;

    /// <summary>The loss that the settings describe.</summary>
    /// <param name="classCounts">Training images of each class.</param>
    /// <param name="dtype">The outputs' dtype.</param>
    /// <param name="device">The outputs' device; null is the CPU.</param>
    /// <exception cref="InputException">Counts for which the loss is undefined: no class, or a class without an image.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number outside its range.</exception>
    public static Loss Create(
        LossSettings settings,
        IReadOnlyList<int> classCounts,
        ScalarType dtype = ScalarType.Float32,
        Device? device = null
    )
    {
        if (settings.Focal is { } focal)
            Guard.NotNegative(focal.Gamma);
        return new(
            LogitRule.Create(settings.Logits, settings.Scale, classCounts, dtype, device),
            settings.Smoothing is { } s ? new Smoothing(s, classCounts, dtype, device) : null,
            settings.Focal
        );
    }

    /// <summary>
    /// The mean of the batch's losses: sum_i w[y_i] * l_i / sum_i w[y_i]. The batch's weights, not its size, normalise it.
    /// </summary>
    /// <inheritdoc cref="Terms"/>
    /// <returns>A scalar with its graph.</returns>
    public Tensor Of(Tensor outputs, Tensor targets, Tensor? classWeights, LossNoise noise)
    {
        using var scope = NewDisposeScope();
        var total = Total(targets, classWeights);
        return Terms(outputs, targets, classWeights, noise, total).sum().MoveToOuterDisposeScope();
    }

    /// <summary>What each image adds to the mean of a batch that it may be a part of: parts' terms add up to <see cref="Of"/>.</summary>
    /// <param name="outputs">(n, classes): cosines or linear logits.</param>
    /// <param name="targets">(n), int64 class indices.</param>
    /// <param name="classWeights">(classes), dtype and device of the outputs; null weighs all alike.</param>
    /// <param name="noise">Called once by losses that draw; see <see cref="Drawn"/>.</param>
    /// <param name="total"><see cref="Total"/> of the whole batch.</param>
    /// <returns>(n), not negative, with its graph.</returns>
    public Tensor Terms(
        Tensor outputs,
        Tensor targets,
        Tensor? classWeights,
        LossNoise noise,
        Tensor total
    )
    {
        using var scope = NewDisposeScope();
        var losses = CrossEntropy(rule.Logits(outputs, targets, noise), targets);
        var terms = focal is { OfWeighted: true }
            ? Focused(Weighted(losses))
            : Weighted(Focused(losses));
        return terms.div(total).MoveToOuterDisposeScope();

        Tensor Weighted(Tensor each) =>
            classWeights is null ? each : each.mul(classWeights.index_select(0, targets));
    }

    /// <summary>
    /// What divides a batch's terms: the sum of its images' class weights, or their number where all weigh alike and where the
    /// published focal loss takes the plain mean of weighted terms.
    /// </summary>
    /// <param name="targets">Of the whole batch: (batch), int64.</param>
    /// <returns>A scalar on the targets' device. It divides tensors of any dtype and leaves them theirs.</returns>
    public Tensor Total(Tensor targets, Tensor? classWeights)
    {
        using var scope = NewDisposeScope();
        var total =
            classWeights is null || focal is { OfWeighted: true }
                ? full([], targets.shape[0], ScalarType.Float64, targets.device)
                : classWeights.index_select(0, targets).sum(ScalarType.Float64);
        return total.MoveToOuterDisposeScope();
    }

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
            using var generator = Randomness.Stream(seed, Purpose.LossNoise, step, call++);
            return empty(shape, dtype).normal_(0, 1.0 / 3, generator).to(device);
        };
    }

    public void Dispose()
    {
        rule.Dispose();
        smoothing?.Dispose();
    }

    private Tensor CrossEntropy(Tensor logits, Tensor targets)
    {
        var losses = logits.log_softmax(1).neg();
        var ofTarget = losses.gather(1, targets.unsqueeze(1)).view(-1);
        return smoothing is null ? ofTarget : smoothing.Of(losses, ofTarget, targets);
    }

    // (1 - exp(-l))^gamma * l. The factor is held fixed in the gradient, as published; expm1 keeps its digits for a small l.
    private Tensor Focused(Tensor losses) =>
        focal is null ? losses : losses.mul(losses.detach().neg().expm1().neg().pow(focal.Gamma));
}

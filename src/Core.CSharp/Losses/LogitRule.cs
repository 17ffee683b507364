using LongTail.Core.Settings;
using static TorchSharp.torch;

namespace LongTail.Core.Losses;

/// <summary>What happens to the head's outputs between the head and the softmax of the training loss.</summary>
public abstract class LogitRule : IDisposable
{
    /// <exception cref="ArgumentOutOfRangeException">scale not positive</exception>
    private protected LogitRule(double scale) => Scale = Guard.Positive(scale);

    /// <summary>The rule multiplies the outputs by this.</summary>
    public double Scale { get; }

    /// <summary>(batch, classes): logits of a softmax, with the outputs' graph. No gradient flows through what the rule adds.</summary>
    /// <param name="outputs">(batch, classes): cosines or linear logits.</param>
    /// <param name="targets">(batch), int64 class indices.</param>
    /// <param name="noise">Called once by a rule that draws; see <see cref="Loss.Drawn"/>.</param>
    public abstract Tensor Logits(Tensor outputs, Tensor targets, LossNoise noise);

    public virtual void Dispose() { }

    internal static LogitRule Create(
        LogitSettings settings,
        double scale,
        IReadOnlyList<int> classCounts,
        ScalarType dtype,
        Device? device
    ) =>
        settings switch
        {
            PlainLogits => new ScaledLogits(scale),
            GaussianCloudedSettings s => new GaussianClouded(
                classCounts,
                scale,
                s.Margin,
                s.Noise,
                dtype,
                device
            ),
            LdamSettings s => new Ldam(
                classCounts,
                scale,
                s.LargestMargin,
                s.UnscaledLogits,
                dtype,
                device
            ),
            LogitAdjustmentSettings s => new LogitAdjustment(
                classCounts,
                scale,
                s.Tau,
                dtype,
                device
            ),
            _ => throw new NotSupportedException($"No logits for {settings}."),
        };

    /// <summary>One number for each class, in the outputs' dtype and place, kept until the rule is disposed.</summary>
    private protected static Tensor PerClass(
        IEnumerable<double> numbers,
        ScalarType dtype,
        Device? device
    ) => tensor(numbers.ToArray(), dtype, device ?? CPU).DetachFromDisposeScope();
}

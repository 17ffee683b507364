using LongTail.Core.Losses;
using LongTail.Core.Settings;
using static TorchSharp.torch;

namespace LongTail.Core.Evaluation;

/// <summary>Predicts from a head's outputs, and says with which confidence.</summary>
public sealed class Judge : IDisposable
{
    private readonly double scale;
    private readonly bool unscaledConfidence;
    private readonly Tensor? adjustment;

    /// <param name="scale">The loss's: outputs are multiplied by it before the softmax.</param>
    /// <param name="classCounts">Training images of each class, for the post-hoc adjustment.</param>
    /// <param name="device">The outputs' device; null is the CPU.</param>
    public Judge(
        EvaluationSettings settings,
        double scale,
        IReadOnlyList<int> classCounts,
        Device? device = null
    )
    {
        this.scale = scale;
        unscaledConfidence = settings.UnscaledConfidence;
        if (settings.PriorTau != 0)
            adjustment = tensor(
                    LogitAdjustment.Prior(classCounts).Select(p => settings.PriorTau * p).ToArray(),
                    ScalarType.Float32,
                    device ?? CPU
                )
                .DetachFromDisposeScope();
    }

    /// <param name="outputs">(batch, classes): cosines or linear logits.</param>
    /// <returns>(batch) of the softmax's largest value, in (0, 1], and (batch) of its class.</returns>
    public (Tensor Confidence, Tensor Prediction) Of(Tensor outputs)
    {
        var (confidence, prediction) = Softmax(outputs * scale).max(1);
        // The published code's confidence: that of a cosine head's outputs, which are without the scale (method.md 7).
        return (unscaledConfidence ? Softmax(outputs).max(1).values : confidence, prediction);
    }

    /// <summary>Whether outputs are numbers after the scale too: of others no softmax says anything.</summary>
    /// <param name="outputs">(batch, classes): as in <see cref="Of"/>.</param>
    public bool CanJudge(Tensor outputs) => (outputs * scale).isfinite().all().item<bool>();

    public void Dispose() => adjustment?.Dispose();

    private Tensor Softmax(Tensor logits) =>
        (adjustment is null ? logits : logits - adjustment).softmax(1);
}

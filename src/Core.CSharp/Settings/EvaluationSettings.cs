namespace LongTail.Core.Settings;

/// <summary>How a run is judged on the test split. The three switches are the published code's, each wrong as a statistic.</summary>
/// <param name="PriorTau">Post-hoc logit adjustment: Tau * ln(prior) is taken off the scaled outputs; 0 takes nothing.</param>
/// <param name="BatchMeanAccuracy">The mean of the batches' accuracies: the last, short batch weighs as much as a full one.</param>
/// <param name="UnscaledConfidence">Confidences of outputs without the loss's scale: of cosines, nearly uniform.</param>
/// <param name="BestOnTest">The epoch that is best on the test split is reported, not the last.</param>
public sealed record EvaluationSettings(
    double PriorTau,
    bool BatchMeanAccuracy,
    bool UnscaledConfidence,
    bool BestOnTest
)
{
    public static EvaluationSettings Plain { get; } = new(0, false, false, false);
}

namespace LongTail.Core.Settings;

/// <summary>Cosine decay of the learning rate to zero over the epochs, and deferred re-weighting.</summary>
/// <param name="LagOneEpoch">The published schedule: epochs 0 and 1 both run at the full rate (method.md 5).</param>
/// <param name="WarmupEpochs">Epochs of linear rise before the cosine; 0 has none.</param>
/// <param name="Reweighting">null never re-weights.</param>
public sealed record ScheduleSettings(
    int Epochs,
    bool LagOneEpoch,
    int WarmupEpochs,
    DeferredReweighting? Reweighting
);

/// <summary>Effective-number class weights (method.md 2.1) that act in every epoch e &gt; After (epochs count from 0).</summary>
public sealed record DeferredReweighting(int After, double Beta);

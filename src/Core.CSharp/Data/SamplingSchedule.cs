using LongTail.Core.Settings;
using static TorchSharp.torch;

namespace LongTail.Core.Data;

/// <summary>
/// The sampler of every epoch: the schedule's own and, under deferred re-sampling, another in every epoch e &gt; After. Their
/// lengths may differ, and with them the epochs' steps.
/// </summary>
public sealed class SamplingSchedule
{
    private readonly Sampler start;
    private readonly Sampler? deferred;
    private readonly int after;

    /// <inheritdoc cref="Sampler.Create"/>
    public SamplingSchedule(
        ScheduleSettings settings,
        Tensor labels,
        IReadOnlyList<int> classCounts
    )
    {
        start = Sampler.Create(settings.Sampler, labels, classCounts);
        if (settings.Resampling is not { } rule)
            return;
        deferred = Sampler.Create(rule.Sampler, labels, classCounts);
        after = rule.After;
    }

    /// <param name="epoch">Counts from 0.</param>
    public Sampler At(int epoch) => deferred is not null && epoch > after ? deferred : start;
}

using LongTail.Core.Settings;

namespace LongTail.Core.Optimizers;

/// <summary>The learning rate of an epoch, in closed form (method.md 5).</summary>
public static class CosineSchedule
{
    /// <summary>
    /// Rises evenly over W warm-up epochs, base * (e + 1) / (W + 1), then falls along
    /// base * (1 + cos(pi * k / T)) / 2 with T = Epochs - W and k = e - W, or k = max(e - W - 1, 0) where the
    /// published one-epoch lag is on. Positive through the last epoch.
    /// </summary>
    /// <param name="epoch">0 to Epochs - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// epoch outside the schedule, base rate negative or NaN, or a warm-up that leaves no epoch for the cosine
    /// </exception>
    public static double At(ScheduleSettings schedule, double baseRate, int epoch)
    {
        Guard.NotNegative(baseRate);
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(epoch, schedule.Epochs);
        ArgumentOutOfRangeException.ThrowIfNegative(schedule.WarmupEpochs);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(
            schedule.WarmupEpochs,
            schedule.Epochs
        );

        if (epoch < schedule.WarmupEpochs)
            return baseRate * (epoch + 1) / (schedule.WarmupEpochs + 1);
        var done = epoch - schedule.WarmupEpochs;
        if (schedule.LagOneEpoch)
            done = Math.Max(done - 1, 0);
        return baseRate
            * (1 + Math.Cos(Math.PI * done / (schedule.Epochs - schedule.WarmupEpochs)))
            / 2;
    }
}

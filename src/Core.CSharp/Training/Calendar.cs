using LongTail.Core.Data;
using LongTail.Core.Optimizers;
using LongTail.Core.Settings;

namespace LongTail.Core.Training;

/// <summary>Counts a run's steps over its epochs, which differ in length where the sampler changes.</summary>
internal sealed class Calendar
{
    // Steps before each epoch, and before the end.
    private readonly long[] begins;

    internal Calendar(RunSettings settings, SamplingSchedule sampling)
    {
        begins = new long[settings.Schedule.Epochs + 1];
        for (var epoch = 0; epoch < settings.Schedule.Epochs; epoch++)
            begins[epoch + 1] =
                begins[epoch]
                + (sampling.At(epoch).Length + settings.BatchSize - 1) / settings.BatchSize;
    }

    internal int StepsIn(int epoch) => (int)(begins[epoch + 1] - begins[epoch]);

    /// <summary>Share of the run's steps done where so many of an epoch's are.</summary>
    internal double Done(int epoch, int steps) => (begins[epoch] + steps) / (double)begins[^1];

    /// <param name="step">Of the epoch, from 0.</param>
    internal Moment At(int epoch, int step, double learningRate) =>
        new(begins[epoch] + step, epoch, learningRate, Done(epoch, step));
}

using LongTail.Core.Models;
using LongTail.Core.Settings;

namespace LongTail.Core.Training;

/// <summary>Settings in, result out.</summary>
public static class Trainer
{
    /// <summary>
    /// Trains and evaluates one run, going on from the place's checkpoint where there is one, also from that of another
    /// run which differs only in how it is evaluated: of a finished one nothing is trained. On the CPU a run that was stopped
    /// at any moment ends with the same bits as one that was not.
    /// </summary>
    /// <param name="progress">Called after every step, and at the end of every epoch.</param>
    /// <exception cref="InputException">Data, weights, device or settings that a person can mend.</exception>
    /// <exception cref="DivergedException">The loss, or what the model says after its last step, is no longer a number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled between two steps; the checkpoint is kept.</exception>
    public static RunResult Run(
        RunSettings settings,
        RunPlace place,
        Action<TrainingProgress> progress,
        CancellationToken cancellation
    )
    {
        using var run = new TrainingRun(settings, place, cancellation);
        run.Train(progress, cancellation);
        return run.Evaluate(cancellation);
    }

    /// <summary>
    /// Writes the backbone that a run trained, from the run's last checkpoint, as timm-named safetensors that tell the pixel
    /// statistics it was trained with.
    /// </summary>
    /// <param name="card">Kept in the file's metadata: what it is and where it comes from.</param>
    /// <exception cref="InputException">The run has no checkpoint, or the file cannot be written.</exception>
    public static void Export(
        RunSettings settings,
        RunPlace place,
        string file,
        IReadOnlyDictionary<string, string> card
    )
    {
        using var run = Trained(settings, place, CancellationToken.None);
        var statistics = WeightsFile.Statistic(settings.Input.Mean, settings.Input.Deviation);
        var told = new Dictionary<string, string>(card);
        foreach (var (name, value) in statistics)
            told[name] = value;
        run.SaveBackbone(file, told);
    }

    /// <summary>The loss around the values of a run's last checkpoint.</summary>
    /// <exception cref="InputException">The run has no checkpoint, or its data or weights cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled between two points.</exception>
    public static LossSurface Surface(
        RunSettings settings,
        RunPlace place,
        CancellationToken cancellation
    )
    {
        using var run = Trained(settings, place, cancellation);
        return run.Surface(cancellation);
    }

    private static TrainingRun Trained(
        RunSettings settings,
        RunPlace place,
        CancellationToken cancellation
    ) =>
        Checkpoint.Exists(place.CheckpointFile)
            ? new TrainingRun(settings, place, cancellation)
            : throw new InputException(
                $"no checkpoint at {place.CheckpointFile}: run the experiment first"
            );
}

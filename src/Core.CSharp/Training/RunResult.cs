using System.Text.Json.Serialization;
using LongTail.Core.Evaluation;

namespace LongTail.Core.Training;

/// <summary>What a finished run found on the whole test split.</summary>
/// <param name="Accuracy">Top-1, in [0, 1]: image-counted, unless the settings ask for the mean of batches.</param>
/// <param name="ClassAccuracy">One a class; null where a class has no test image.</param>
/// <param name="ClassCounts">Training images of each class.</param>
/// <param name="ClassNames">One a class, as its data set calls it.</param>
/// <param name="ClassLabels">One a class: the number that its data set gives it. Classes of lists and folders are renumbered by falling count.</param>
/// <param name="Harmonic">Harmonic mean of the class accuracies.</param>
/// <param name="Worst">Accuracy of the worst class.</param>
/// <param name="Calibration">Of the softmax of outputs, scaled unless the settings say otherwise.</param>
/// <param name="Epoch">After which the run was judged: the last, unless the settings ask for the best; -1 of a run without epochs, which is judged as initialised.</param>
/// <param name="SecondsPerEpoch">Of the fastest epoch that had the run's <see cref="Share"/> of the machine, training steps only: what else the machine does can but add; null of a run without epochs.</param>
/// <param name="TrainedValues">Numbers trained.</param>
/// <param name="PeakMemoryMiB">Peak memory of the whole process while the run went, so also of what earlier runs left in it and of runs beside it; null on a GPU (<see cref="Machine.PeakMemoryMiB"/>).</param>
/// <param name="BrokenImages">Why images to learn from could not be decoded, a line each, where the settings pass them over.</param>
public sealed record RunResult(
    double Accuracy,
    IReadOnlyList<double?> ClassAccuracy,
    IReadOnlyList<int> ClassCounts,
    IReadOnlyList<string> ClassNames,
    IReadOnlyList<int> ClassLabels,
    double Harmonic,
    double Worst,
    Calibration Calibration,
    int Epoch,
    double? SecondsPerEpoch,
    long TrainedValues,
    double? PeakMemoryMiB,
    IReadOnlyList<string> BrokenImages,
    IReadOnlyList<EpochResult> Epochs
)
{
    /// <summary>What most epochs had of the machine, the least of it where as many had another; null of a run without epochs.</summary>
    [JsonIgnore]
    public MachineShare? Share => MachineShare.Usual(Epochs).FirstOrDefault()?.Share;
}

/// <summary>One epoch of training.</summary>
/// <param name="Loss">Mean over the images, as the pass saw it: at perturbed values under GNM, before the ascent under SAM.</param>
/// <param name="Seconds">Training steps only.</param>
/// <param name="SkippedSteps">Those that moved nothing, as their gradient was not finite.</param>
/// <param name="Share">With what of the machine.</param>
public sealed record EpochResult(
    int Epoch,
    double LearningRate,
    double Loss,
    double Seconds,
    long SkippedSteps,
    MachineShare Share
);

/// <summary>What the test split says of the values after an epoch; as in <see cref="RunResult"/>.</summary>
internal sealed record Judgement(
    int Epoch,
    double Accuracy,
    IReadOnlyList<double?> ClassAccuracy,
    double Harmonic,
    double Worst,
    Calibration Calibration
);

/// <summary>Where a run is.</summary>
/// <param name="Epoch">Counts from 0.</param>
/// <param name="Done">Share of the run's steps that are done.</param>
/// <param name="Loss">Mean of the epoch so far; null between the few readings a second, since each waits for the device.</param>
/// <param name="Finished">The epoch that has just ended, with its results; null within an epoch.</param>
public sealed record TrainingProgress(
    int Epoch,
    int Epochs,
    double Done,
    double? Loss,
    EpochResult? Finished
);

namespace LongTail.Core.Settings;

/// <summary>
/// Everything that determines the numbers of one training run, fully resolved: no default is left to choose.
/// Where the run happens (device, folders, threads) stands in <see cref="RunPlace"/> and changes no number.
/// </summary>
/// <param name="Seed">Key of every random stream of the run but the choice of images (<see cref="DataSettings.SelectionSeed"/>).</param>
public sealed record RunSettings(
    DataSettings Data,
    InputSettings Input,
    ModelSettings Model,
    LossSettings Loss,
    OptimizerSettings Optimizer,
    ScheduleSettings Schedule,
    EvaluationSettings Evaluation,
    int BatchSize,
    long Seed
);

/// <summary>Where a run happens.</summary>
/// <param name="Device">"cpu", "cuda" or "cuda:N".</param>
/// <param name="DataFolder">Folder that holds the data set's files; null looks where it usually lies.</param>
/// <param name="CheckpointFile">Where the run's state is kept, to be resumed from; null keeps none.</param>
public sealed record RunPlace(string Device, string? DataFolder, string? CheckpointFile);

using System.Diagnostics;
using LongTail.Core.Data;
using LongTail.Core.Evaluation;
using LongTail.Core.Losses;
using LongTail.Core.Models;
using LongTail.Core.Optimizers;
using LongTail.Core.Settings;
using static TorchSharp.torch;

namespace LongTail.Core.Training;

/// <summary>One run: its data, its model, its optimizer, and where it stands.</summary>
internal sealed class TrainingRun : IDisposable
{
    private static readonly TimeSpan BetweenReadings = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BetweenCheckpoints = TimeSpan.FromSeconds(30);

    private readonly RunSettings settings;
    private readonly RunPlace place;
    private readonly Device device;
    private readonly DataSet data;
    private readonly Classifier model;
    private readonly Loss loss;
    private readonly Optimizer optimizer;
    private readonly Tensor lossSum;
    private readonly bool resumed;
    private readonly SamplingSchedule sampling;
    private Position position;

    internal TrainingRun(RunSettings settings, RunPlace place)
    {
        this.settings = settings;
        this.place = place;
        Machine.ForgetPeakMemory();
        device = Machine.Device(place.Device);
        data = DataSet.Load(settings.Data, place);
        sampling = new SamplingSchedule(settings.Schedule, data.Train.Labels, data.ClassCounts);
        model = new Classifier(settings.Model, data.ClassCounts.Count, settings.Seed, device);
        loss = Loss.Create(settings.Loss, data.ClassCounts, ScalarType.Float32, device);
        optimizer = Optimizer.Create(
            settings.Optimizer,
            model.Parameters,
            settings.Seed,
            data.ClassCounts,
            null
        );
        var saved = Checkpoint.Load(place.CheckpointFile, optimizer);
        resumed = saved is not null;
        position = saved ?? Position.Start;
        lossSum = tensor(position.LossSum, ScalarType.Float64, device);
    }

    internal void Train(Action<TrainingProgress> progress, CancellationToken cancellation)
    {
        if (!resumed && settings.Model.HeadInitial == HeadInitial.ClassMeans)
            StartHead(cancellation);
        while (position.Epoch < settings.Schedule.Epochs)
            TrainEpoch(progress, cancellation);
    }

    internal RunResult Evaluate(CancellationToken cancellation)
    {
        var (accuracy, calibration) = Evaluator.Evaluate(
            model,
            data.Test,
            settings.Input,
            loss.Scale,
            data.ClassCounts.Count,
            cancellation
        );
        return new RunResult(
            accuracy.Top1,
            accuracy.PerClass,
            data.ClassCounts,
            Groups.Means(accuracy.PerClass, Groups.ByTrainingCount(data.ClassCounts)),
            Groups.Means(accuracy.PerClass, Groups.ByPublishedRange(settings.Data.Set)),
            accuracy.Harmonic,
            accuracy.Worst,
            calibration,
            position.History.Min(epoch => epoch.Seconds),
            model.Parameters.Count,
            Machine.PeakMemoryMiB(),
            position.History
        );
    }

    internal void SaveBackbone(string file, IReadOnlyDictionary<string, string> card) =>
        model.SaveBackbone(file, card);

    public void Dispose()
    {
        lossSum.Dispose();
        optimizer.Dispose();
        loss.Dispose();
        model.Dispose();
        data.Dispose();
    }

    private void StartHead(CancellationToken cancellation)
    {
        using var means = Evaluator.ClassMeans(
            model,
            data.Train,
            settings.Input,
            data.ClassCounts.Count,
            cancellation
        );
        model.StartHeadFrom(means);
    }

    private void TrainEpoch(Action<TrainingProgress> progress, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var epoch = position.Epoch;
        var rate = CosineSchedule.At(
            settings.Schedule,
            settings.Optimizer.Base.LearningRate,
            epoch
        );
        var order = sampling
            .At(epoch)
            .Order(settings.Seed, epoch, settings.Schedule.Epochs)
            .to(device);
        var length = order.shape[0];
        var stepsBefore = Enumerable.Range(0, epoch).Sum(StepsIn);
        var weights = ClassWeights.Deferred(settings.Schedule.Reweighting, data.ClassCounts, epoch)
            is { } w
            ? tensor(w, ScalarType.Float32, device)
            : null;
        var before = position.Seconds;
        var clock = Stopwatch.StartNew();
        var (read, saved) = (TimeSpan.Zero, TimeSpan.Zero);

        for (var step = position.StepInEpoch; step < StepsIn(epoch); step++)
        {
            if (cancellation.IsCancellationRequested)
            {
                Save();
                cancellation.ThrowIfCancellationRequested();
            }
            Step(new Moment(stepsBefore + step, epoch, rate), order, step, weights);
            position = position with { StepInEpoch = step + 1 };
            if (clock.Elapsed - saved > BetweenCheckpoints)
            {
                Save();
                saved = clock.Elapsed;
            }
            var due = clock.Elapsed - read > BetweenReadings;
            if (due)
                read = clock.Elapsed;
            progress(
                Progress(
                    due ? LossSum() / Math.Min((step + 1L) * settings.BatchSize, length) : null,
                    null
                )
            );
        }

        var mean = LossSum() / length;
        var finished = new EpochResult(epoch, rate, mean, before + clock.Elapsed.TotalSeconds);
        progress(Progress(mean, finished));
        position = new Position(epoch + 1, 0, 0, 0, [.. position.History, finished]);
        lossSum.zero_();
        Save();

        void Save()
        {
            position = position with { LossSum = LossSum() };
            if (position.Epoch == epoch)
                position = position with { Seconds = before + clock.Elapsed.TotalSeconds };
            if (place.CheckpointFile is { } file)
                Checkpoint.Save(file, optimizer, position);
        }
    }

    private void Step(Moment now, Tensor order, int step, Tensor? weights)
    {
        using var scope = NewDisposeScope();
        var start = (long)step * settings.BatchSize;
        var chosen = order.narrow(0, start, Math.Min(settings.BatchSize, order.shape[0] - start));
        var labels = data.Train.Labels.index_select(0, chosen);
        var images = Batches.Train(
            data.Train.Images.index_select(0, chosen),
            settings.Input,
            settings.Seed,
            now.Step
        );
        var noise = Loss.Drawn(settings.Seed, now.Step, ScalarType.Float32, device);
        var mean = optimizer.Step(
            (_, backward) =>
            {
                using var pass = NewDisposeScope();
                var value = loss.Of(model.Outputs(images), labels, weights, noise);
                backward(value.view(1), labels);
                return value.detach().MoveToOuterDisposeScope();
            },
            now
        );
        lossSum.add_(mean.to(ScalarType.Float64) * labels.shape[0]);
    }

    /// <exception cref="InputException">The loss is no longer a number.</exception>
    private double LossSum()
    {
        var sum = lossSum.item<double>();
        return double.IsFinite(sum)
            ? sum
            : throw new InputException(
                $"the loss of epoch {position.Epoch} is {sum}: the run diverged; lower the learning rate ({settings.Optimizer.Base.LearningRate})"
            );
    }

    private long StepsIn(int epoch) =>
        (sampling.At(epoch).Length + settings.BatchSize - 1) / settings.BatchSize;

    private TrainingProgress Progress(double? loss, EpochResult? finished) =>
        new(
            position.Epoch,
            settings.Schedule.Epochs,
            position.StepInEpoch,
            (int)StepsIn(position.Epoch),
            loss,
            finished
        );
}

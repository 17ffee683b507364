using System.Diagnostics;
using LongTail.Core.Data;
using LongTail.Core.Evaluation;
using LongTail.Core.Images;
using LongTail.Core.Optimizers;
using LongTail.Core.Settings;
using static TorchSharp.torch;

namespace LongTail.Core.Training;

/// <summary>One run: what it works with, and where it stands.</summary>
internal sealed class TrainingRun : IDisposable
{
    private static readonly TimeSpan BetweenReadings = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BetweenCheckpoints = TimeSpan.FromSeconds(30);

    private readonly RunSettings settings;
    private readonly string? checkpoint;
    private readonly Apparatus apparatus;
    private readonly Calendar calendar;
    private readonly Tensor lossSum;

    // Of this epoch: steps until which the sum is a number. Counted on the device, as each reading waits for it.
    private readonly Tensor finiteSteps;
    private readonly IDisposable share;
    private Position position;

    internal TrainingRun(RunSettings settings, RunPlace place, CancellationToken cancellation)
    {
        this.settings = settings;
        checkpoint = place.CheckpointFile;
        Machine.ForgetPeakMemory(Machine.Device(place.Device));
        apparatus = new(settings, place, Checkpoint.Exists(checkpoint), cancellation);
        calendar = new(settings, apparatus.Sampling);
        position = Checkpoint.Load(checkpoint, apparatus.Optimizer) ?? Position.Start;
        lossSum = tensor(position.LossSum, ScalarType.Float64, apparatus.Device);
        finiteSteps = tensor(position.StepInEpoch, ScalarType.Int64, apparatus.Device);
        share = MachineShare.Take();
    }

    internal void Train(Action<TrainingProgress> progress, CancellationToken cancellation)
    {
        using var batches = apparatus.Data.Train.Learn(Orders()).GetEnumerator();
        while (position.Epoch < settings.Schedule.Epochs)
            TrainEpoch(batches, progress, cancellation);
        // Whatever asks for a finished run's values later finds those of a run without epochs too.
        if (settings.Schedule.Epochs == 0 && !Checkpoint.Exists(checkpoint))
            Save();
    }

    private void Save()
    {
        position = position with { Broken = Broken, PeakMemoryMiB = PeakMemoryMiB };
        if (checkpoint is not null)
            Checkpoint.Save(checkpoint, apparatus.Optimizer, position);
    }

    /// <summary>From where the run stands to its end: what is read ahead may be the next epoch's.</summary>
    private IEnumerable<BatchOrder> Orders()
    {
        var (first, step) = (position.Epoch, position.StepInEpoch);
        for (var epoch = first; epoch < settings.Schedule.Epochs; epoch++, step = 0)
        {
            using var order = Order(epoch);
            var images = Array.ConvertAll(order.data<long>().ToArray(), image => (int)image);
            for (; step < calendar.StepsIn(epoch); step++)
            {
                var (start, length) = Batch(step, images.Length);
                yield return new(
                    calendar.At(epoch, step, 0).Step,
                    new ArraySegment<int>(images, (int)start, (int)length)
                );
            }
        }
    }

    private Tensor Order(int epoch) =>
        apparatus.Sampling.At(epoch).Order(settings.Seed, epoch, settings.Schedule.Epochs);

    /// <summary>Where a step's images stand in an epoch's order.</summary>
    private (long Start, long Length) Batch(int step, long images)
    {
        var start = (long)step * settings.BatchSize;
        return (start, Math.Min(settings.BatchSize, images - start));
    }

    internal RunResult Evaluate(CancellationToken cancellation)
    {
        var found = position.Best ?? apparatus.Judge(position.Epoch - 1, cancellation);
        return new RunResult(
            found.Accuracy,
            found.ClassAccuracy,
            apparatus.Data.ClassCounts,
            apparatus.Data.ClassNames,
            apparatus.Data.ClassLabels,
            found.Harmonic,
            found.Worst,
            found.Calibration,
            found.Epoch,
            MachineShare.Usual(position.History).Min(epoch => (double?)epoch.Seconds),
            apparatus.Model.Parameters.Count,
            PeakMemoryMiB,
            Broken,
            position.History
        );
    }

    internal LossSurface Surface(CancellationToken cancellation) => apparatus.Surface(cancellation);

    internal void SaveBackbone(string file, IReadOnlyDictionary<string, string> card) =>
        apparatus.SaveBackbone(file, card);

    public void Dispose()
    {
        share.Dispose();
        lossSum.Dispose();
        finiteSteps.Dispose();
        apparatus.Dispose();
    }

    private void TrainEpoch(
        IEnumerator<Tensor> batches,
        Action<TrainingProgress> progress,
        CancellationToken cancellation
    )
    {
        using var scope = NewDisposeScope();
        var (epoch, epochs) = (position.Epoch, settings.Schedule.Epochs);
        var rate = CosineSchedule.At(
            settings.Schedule,
            settings.Optimizer.Base.LearningRate,
            epoch
        );
        var order = Order(epoch).to(apparatus.Device);
        var images = order.shape[0];
        var weights = apparatus.ClassWeightsIn(epoch);
        var before = position.Seconds;
        var clock = Stopwatch.StartNew();
        var (read, saved) = (TimeSpan.Zero, TimeSpan.Zero);

        while (position.StepInEpoch < calendar.StepsIn(epoch))
        {
            if (cancellation.IsCancellationRequested)
            {
                Keep();
                cancellation.ThrowIfCancellationRequested();
            }
            var step = position.StepInEpoch;
            batches.MoveNext();
            var (start, length) = Batch(step, images);
            using (var batch = batches.Current)
                Step(
                    calendar.At(epoch, step, rate),
                    batch,
                    order.narrow(0, start, length),
                    weights
                );
            position = position with
            {
                StepInEpoch = step + 1,
                Share = MachineShare.Now(apparatus.Device).Least(position.Share),
            };
            if (clock.Elapsed - saved > BetweenCheckpoints)
            {
                Keep();
                saved = clock.Elapsed;
            }
            var due = clock.Elapsed - read > BetweenReadings;
            if (due)
                read = clock.Elapsed;
            Tell(due ? LossSum() / (start + length) : null, null);
        }

        var finished = new EpochResult(
            epoch,
            rate,
            LossSum() / images,
            before + clock.Elapsed.TotalSeconds,
            (long)apparatus.Optimizer.SkippedSteps - position.History.Sum(e => e.SkippedSteps),
            position.Share ?? MachineShare.Now(apparatus.Device)
        );
        if (settings.Evaluation.BestOnTest)
            KeepBest();
        Tell(finished.Loss, finished);
        position = new(
            epoch + 1,
            0,
            0,
            0,
            [.. position.History, finished],
            position.Broken,
            position.Best,
            position.PeakMemoryMiB,
            null
        );
        lossSum.zero_();
        finiteSteps.zero_();
        Keep();

        void Tell(double? loss, EpochResult? ended) =>
            progress(new(epoch, epochs, calendar.Done(epoch, position.StepInEpoch), loss, ended));

        void KeepBest()
        {
            // A run that is stopped while it is judged goes on from behind the epoch's last step.
            Keep();
            var found = apparatus.Judge(epoch, cancellation);
            if (position.Best is null || found.Accuracy > position.Best.Accuracy)
                position = position with { Best = found };
        }

        void Keep()
        {
            position = position with { LossSum = LossSum() };
            if (position.Epoch == epoch)
                position = position with { Seconds = before + clock.Elapsed.TotalSeconds };
            Save();
        }
    }

    private void Step(Moment now, Tensor images, Tensor chosen, Tensor? weights)
    {
        using var scope = NewDisposeScope();
        var mean = apparatus.Step(now, images, chosen, weights);
        lossSum.add_(mean.to(ScalarType.Float64) * chosen.shape[0]);
        finiteSteps.add_(lossSum.isfinite());
    }

    /// <summary>Of the run until now, also before it was stopped.</summary>
    private IReadOnlyList<string> Broken => [.. position.Broken.Union(apparatus.Data.Train.Broken)];

    /// <summary>Of the run until now, also before it was stopped.</summary>
    private double? PeakMemoryMiB =>
        new[] { position.PeakMemoryMiB, Machine.PeakMemoryMiB(apparatus.Device) }.Max();

    /// <exception cref="DivergedException"/>
    private double LossSum()
    {
        var sum = lossSum.item<double>();
        return double.IsFinite(sum)
            ? sum
            : throw Divergence.Of(
                $"the loss is not finite from epoch {position.Epoch + 1}, step {finiteSteps.item<long>() + 1} of {calendar.StepsIn(position.Epoch)} on",
                settings
            );
    }
}

using LongTail.Core.Data;
using LongTail.Core.Evaluation;
using LongTail.Core.Losses;
using LongTail.Core.Models;
using LongTail.Core.Optimizers;
using LongTail.Core.Settings;
using static TorchSharp.torch;

namespace LongTail.Core.Training;

/// <summary>What a run works with: its data, its model, its loss and its optimizer, wherever in the run it stands.</summary>
internal sealed class Apparatus : IDisposable
{
    private readonly RunSettings settings;
    private readonly Loss loss;
    private readonly Judge judge;

    /// <param name="resumed">A checkpoint is about to be loaded: no value needs to be found out.</param>
    internal Apparatus(
        RunSettings settings,
        RunPlace place,
        bool resumed,
        CancellationToken cancellation
    )
        : this(
            settings,
            Machine.Device(place.Device),
            DataSet.Load(settings.Data, settings.Input, settings.Seed, place),
            resumed,
            cancellation
        ) { }

    /// <param name="data">Owned by the apparatus from now on.</param>
    /// <inheritdoc cref="Apparatus(RunSettings, RunPlace, bool, CancellationToken)" path="/param[@name='resumed']"/>
    internal Apparatus(
        RunSettings settings,
        Device device,
        DataSet data,
        bool resumed,
        CancellationToken cancellation
    )
    {
        this.settings = settings;
        Device = device;
        Data = data;
        Sampling = new SamplingSchedule(settings.Schedule, Data.Train.Labels, Data.ClassCounts);
        Model = new Classifier(settings.Model, Data.ClassCounts.Count, settings.Seed, Device);
        loss = Loss.Create(settings.Loss, Data.ClassCounts, ScalarType.Float32, Device);
        judge = new Judge(settings.Evaluation, loss.Scale, Data.ClassCounts, Device);
        // Before the optimizer, whose average begins at the values.
        if (settings.Model.HeadInitial == HeadInitial.ClassMeans && !resumed)
            StartHead(cancellation);
        Optimizer = Optimizer.Create(
            settings.Optimizer,
            Model.Parameters,
            settings.Seed,
            Data.ClassCounts,
            name => Classifier.GroupOf(name, settings.Optimizer.Groups)
        );
    }

    internal Device Device { get; }

    internal DataSet Data { get; }

    internal SamplingSchedule Sampling { get; }

    internal Classifier Model { get; }

    internal Optimizer Optimizer { get; }

    /// <summary>(C): the class weights of an epoch, in the caller's scope; null weighs all alike.</summary>
    internal Tensor? ClassWeightsIn(int epoch) =>
        ClassWeights.Deferred(settings.Schedule.Reweighting, Data.ClassCounts, epoch) is { } weights
            ? tensor(weights, ScalarType.Float32, Device)
            : null;

    /// <summary>One optimizer step.</summary>
    /// <param name="images">uint8 (B, C, H, W), as the training split delivers them.</param>
    /// <param name="chosen">(B): their positions in the training split.</param>
    /// <returns>Detached loss of the batch, in the caller's scope.</returns>
    internal Tensor Step(Moment now, Tensor images, Tensor chosen, Tensor? classWeights)
    {
        using var scope = NewDisposeScope();
        var seed = settings.Seed;
        using var pass = new StepPass(
            Model,
            loss,
            Batches.Train(images, Data.Input, seed, now.Step, Device),
            Data.Train.Labels.index_select(0, chosen),
            classWeights,
            settings.Optimizer.MicroBatches,
            Loss.Drawn(seed, now.Step, ScalarType.Float32, Device),
            Dropout.Drawn(settings.Model.Dropout, now.Epoch, seed, now.Step, Device)
        );
        return Optimizer.Step(pass.Run, now).MoveToOuterDisposeScope();
    }

    /// <summary>Judges the values, or their average where the optimizer keeps one, on the test split.</summary>
    /// <inheritdoc cref="Evaluator.Evaluate" path="/param[@name='epoch']|/exception"/>
    internal Judgement Judge(int epoch, CancellationToken cancellation)
    {
        using var averages = Optimizer.Average?.InPlace();
        return Evaluator.Evaluate(Model, Data, settings, judge, Device, epoch, cancellation);
    }

    /// <summary>The loss around the values, or around their average where the optimizer keeps one.</summary>
    internal LossSurface Surface(CancellationToken cancellation)
    {
        using var averages = Optimizer.Average?.InPlace();
        return LossSurface.Around(Model, Data, loss.Scale, Device, cancellation);
    }

    internal void SaveBackbone(string file, IReadOnlyDictionary<string, string> card)
    {
        using var averages = Optimizer.Average?.InPlace();
        Model.SaveBackbone(file, card);
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        judge.Dispose();
        loss.Dispose();
        Model.Dispose();
        Data.Dispose();
    }

    private void StartHead(CancellationToken cancellation)
    {
        using var means = Evaluator.ClassMeans(Model, Data, Device, cancellation);
        Model.StartHeadFrom(means);
    }
}

using LongTail.Core.Data;
using LongTail.Core.Evaluation;
using LongTail.Core.Images;
using LongTail.Core.Models;
using LongTail.Core.Settings;
using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Training;

/// <summary>Runs a model over a split without recording for a backward pass.</summary>
internal static class Evaluator
{
    // The published code's: where accuracy is its mean of batches, the size is part of the number.
    private const int BatchSize = 128;

    /// <summary>What the whole test split says of the model as it is.</summary>
    /// <param name="epoch">After which it is; -1 as initialised.</param>
    /// <exception cref="DivergedException">Outputs that are no finite numbers, after training.</exception>
    /// <exception cref="InputException">The same without training.</exception>
    internal static Judgement Evaluate(
        Classifier model,
        DataSet data,
        RunSettings settings,
        Judge judge,
        Device device,
        int epoch,
        CancellationToken cancellation
    )
    {
        using var scope = NewDisposeScope();
        var (predicted, confidences) = (new List<long>(), new List<double>());
        ForEachBatch(
            data.Test,
            All(data.Test),
            BatchSize,
            data.Input,
            device,
            cancellation,
            (images, _) =>
            {
                var outputs = model.Outputs(images);
                if (!judge.CanJudge(outputs))
                    throw NoNumbers(settings, epoch);
                var (confidence, prediction) = judge.Of(outputs);
                predicted.AddRange(prediction.cpu().data<long>().ToArray());
                confidences.AddRange(confidence.cpu().@double().data<double>().ToArray());
            }
        );
        var targets = data.Test.Labels.cpu().data<long>().ToArray();
        var correct = predicted.Zip(targets, (p, t) => p == t).ToArray();
        var accuracy = ClassAccuracy.Of(predicted, targets, data.ClassCounts.Count);
        return new Judgement(
            epoch,
            settings.Evaluation.BatchMeanAccuracy
                ? ClassAccuracy.BatchMean(correct, BatchSize)
                : accuracy.Top1,
            accuracy.PerClass,
            accuracy.Harmonic,
            accuracy.Worst,
            Calibration.Of(confidences, correct)
        );
    }

    // What the last step made of the values shows in no loss.
    private static InputException NoNumbers(RunSettings settings, int epoch) =>
        epoch < 0
            ? new(
                "the model's outputs are not finite before any training: look at the values of its weights"
            )
            : Divergence.Of(
                $"the model's outputs are not finite after the last step of epoch {epoch + 1}",
                settings
            );

    /// <summary>Mean of the unit-length features of each class's training images, (C, Width); not scaled to unit length itself.</summary>
    internal static Tensor ClassMeans(
        Classifier model,
        DataSet data,
        Device device,
        CancellationToken cancellation
    )
    {
        using var scope = NewDisposeScope();
        var sums = zeros([data.ClassCounts.Count, model.Shape.Width], ScalarType.Float32, device);
        ForEachBatch(
            data.Train,
            All(data.Train),
            BatchSize,
            data.Input,
            device,
            cancellation,
            (images, labels) =>
            {
                var features = nn.functional.normalize(model.Features(images));
                sums.scatter_add_(0, labels.unsqueeze(1).expand(-1, model.Shape.Width), features);
            }
        );
        return sums.MoveToOuterDisposeScope();
    }

    /// <summary>Model input and labels of these images of a split as they are judged, in batches that each have a dispose scope.</summary>
    internal static void ForEachBatch(
        Split split,
        IEnumerable<int> positions,
        int size,
        InputSettings input,
        Device device,
        CancellationToken cancellation,
        Action<Tensor, Tensor> use
    )
    {
        using var unrecorded = no_grad();
        int[][] chunks = [.. positions.Chunk(size)];
        var orders = chunks.Select((chunk, i) => new BatchOrder(i, chunk));
        foreach (var (batch, chunk) in split.Judge(orders).Zip(chunks))
        {
            using var scope = NewDisposeScope();
            using var images = batch;
            cancellation.ThrowIfCancellationRequested();
            var chosen = tensor(chunk, ScalarType.Int64, split.Labels.device);
            use(Batches.Evaluation(images, input, device), split.Labels.index_select(0, chosen));
        }
    }

    private static IEnumerable<int> All(Split split) => Enumerable.Range(0, (int)split.Count);
}

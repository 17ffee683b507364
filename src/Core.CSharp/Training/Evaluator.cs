using LongTail.Core.Data;
using LongTail.Core.Evaluation;
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

    /// <summary>What the whole split says of the model as it is.</summary>
    /// <param name="epoch">After which it is.</param>
    internal static Judgement Evaluate(
        Classifier model,
        Split split,
        RunSettings settings,
        Judge judge,
        int classes,
        int epoch,
        CancellationToken cancellation
    )
    {
        using var scope = NewDisposeScope();
        var (predicted, confidences) = (new List<long>(), new List<double>());
        ForEachBatch(
            split,
            settings.Input,
            cancellation,
            (images, _) =>
            {
                var (confidence, prediction) = judge.Of(model.Outputs(images));
                predicted.AddRange(prediction.cpu().data<long>().ToArray());
                confidences.AddRange(confidence.cpu().@double().data<double>().ToArray());
            }
        );
        var targets = split.Labels.cpu().data<long>().ToArray();
        var correct = predicted.Zip(targets, (p, t) => p == t).ToArray();
        var accuracy = ClassAccuracy.Of(predicted, targets, classes);
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

    /// <summary>Mean of each class's unit-length features, (C, Width); not scaled to unit length itself.</summary>
    internal static Tensor ClassMeans(
        Classifier model,
        Split split,
        InputSettings input,
        int classes,
        CancellationToken cancellation
    )
    {
        using var scope = NewDisposeScope();
        var sums = zeros([classes, model.Shape.Width], ScalarType.Float32, split.Images.device);
        ForEachBatch(
            split,
            input,
            cancellation,
            (images, labels) =>
            {
                var features = nn.functional.normalize(model.Features(images));
                sums.scatter_add_(0, labels.unsqueeze(1).expand(-1, model.Shape.Width), features);
            }
        );
        return sums.MoveToOuterDisposeScope();
    }

    private static void ForEachBatch(
        Split split,
        InputSettings input,
        CancellationToken cancellation,
        Action<Tensor, Tensor> use
    )
    {
        using var unrecorded = no_grad();
        for (long start = 0; start < split.Count; start += BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var length = Math.Min(BatchSize, split.Count - start);
            var images = Batches.Evaluation(split.Images.narrow(0, start, length), input);
            use(images, split.Labels.narrow(0, start, length));
        }
    }
}

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
    private const int BatchSize = 128;

    /// <summary>Accuracy and calibration over all images of the split.</summary>
    /// <param name="scale">Outputs are multiplied by this before the softmax that gives the confidence.</param>
    internal static (ClassAccuracy Accuracy, Calibration Calibration) Evaluate(
        Classifier model,
        Split split,
        InputSettings input,
        double scale,
        int classes,
        CancellationToken cancellation
    )
    {
        using var scope = NewDisposeScope();
        var (predicted, confidences) = (new List<long>(), new List<double>());
        ForEachBatch(
            split,
            input,
            cancellation,
            (images, _) =>
            {
                var (confidence, prediction) = (model.Outputs(images) * scale).softmax(1).max(1);
                predicted.AddRange(prediction.cpu().data<long>().ToArray());
                confidences.AddRange(confidence.cpu().@double().data<double>().ToArray());
            }
        );
        var targets = split.Labels.cpu().data<long>().ToArray();
        var correct = predicted.Zip(targets, (p, t) => p == t).ToArray();
        return (
            ClassAccuracy.Of(predicted, targets, classes),
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

using LongTail.Core.Data;
using LongTail.Core.Models;
using LongTail.Core.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Training;

/// <summary>
/// The training loss around a run's values, on a plane through them along two random directions, each filter of which is as
/// long as the values' own (Li et al., "Visualizing the Loss Landscape of Neural Nets", NeurIPS 2018). The directions are the
/// same for all runs of one shape, and the loss is the plain cross-entropy whatever loss was trained with: surfaces compare.
/// </summary>
/// <param name="Steps">Multiples of a direction, rising, 0 in the middle.</param>
/// <param name="Loss">A row for each multiple of the first direction, a number in it for each of the second; null where it is no finite number.</param>
/// <param name="Images">Training images that the loss is the mean over, as they are judged, evenly spaced in the classes' order.</param>
public sealed record LossSurface(
    IReadOnlyList<double> Steps,
    IReadOnlyList<IReadOnlyList<double?>> Loss,
    int Images
)
{
    private const int HalfPoints = 5;
    private const double Reach = 1;
    private const int MostImages = 256;
    private const int BatchSize = 64;

    /// <param name="model">Its values are left at the plane's last corner.</param>
    /// <param name="scale">Of the outputs in the loss.</param>
    internal static LossSurface Around(
        Classifier model,
        DataSet data,
        double scale,
        Device device,
        CancellationToken cancellation
    )
    {
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        var images = (int)Math.Min(MostImages, data.Train.Count);
        var batches = new List<(Tensor Prepared, Tensor Labels)>();
        Evaluator.ForEachBatch(
            data.Train,
            Enumerable.Range(0, images).Select(i => (int)(i * data.Train.Count / images)),
            BatchSize,
            data.Input,
            device,
            cancellation,
            (inputs, labels) =>
                batches.Add(
                    (
                        model.Prepare(inputs).MoveToOuterDisposeScope(),
                        labels.MoveToOuterDisposeScope()
                    )
                )
        );

        var parameters = model.Parameters;
        using var filters = new Filters(parameters);
        var centre = parameters.Values.clone();
        var (first, second) = (Direction(0), Direction(1));
        double[] steps =
        [
            .. Enumerable
                .Range(-HalfPoints, 2 * HalfPoints + 1)
                .Select(i => Reach * i / HalfPoints),
        ];
        IReadOnlyList<IReadOnlyList<double?>> surface =
        [
            .. steps.Select(a => (IReadOnlyList<double?>)[.. steps.Select(b => At(a, b))]),
        ];
        return new(steps, surface, images);

        Tensor Direction(int which)
        {
            using var stream = Randomness.Stream(0, Purpose.Surface, which);
            var drawn = randn([parameters.Count], generator: stream).to(device);
            return drawn * (filters.Norms(centre) / filters.Norms(drawn));
        }

        double? At(double a, double b)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            parameters.Values.copy_(centre + first * a + second * b);
            var sum = 0.0;
            foreach (var (prepared, labels) in batches)
                sum += nn
                    .functional.cross_entropy(
                        model.OutputsOf(prepared) * scale,
                        labels,
                        reduction: nn.Reduction.Sum
                    )
                    .item<float>();
            return double.IsFinite(sum) ? sum / images : null;
        }
    }
}

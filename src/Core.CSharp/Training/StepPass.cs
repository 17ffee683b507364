using LongTail.Core.Losses;
using LongTail.Core.Models;
using LongTail.Core.Optimizers;
using static TorchSharp.torch;

namespace LongTail.Core.Training;

/// <summary>The <see cref="Pass"/> of one step: a share of its batch goes through the model in micro-batches.</summary>
public sealed class StepPass : IDisposable
{
    private readonly Classifier model;
    private readonly Loss loss;
    private readonly Tensor prepared;
    private readonly Tensor labels;
    private readonly Tensor? classWeights;
    private readonly Tensor total;
    private readonly int pieces;
    private readonly WholeBatchDraws noise;
    private readonly WholeBatchDraws? kept;

    /// <param name="images">(B, 3, S, S) in the caller's scope, as the labels (B).</param>
    /// <param name="pieces">Micro-batches of a share.</param>
    /// <param name="noise">Of the loss.</param>
    /// <param name="dropout">Factors of the features (B, Width); null drops nothing.</param>
    public StepPass(
        Classifier model,
        Loss loss,
        Tensor images,
        Tensor labels,
        Tensor? classWeights,
        int pieces,
        LossNoise noise,
        Func<long[], Tensor>? dropout
    )
    {
        this.model = model;
        this.loss = loss;
        prepared = model.Prepare(images);
        this.labels = labels;
        this.classWeights = classWeights;
        this.pieces = pieces;
        total = loss.Total(labels, classWeights);
        this.noise = new(labels.shape[0], shape => noise(shape));
        kept = dropout is null ? null : new(labels.shape[0], dropout);
    }

    /// <inheritdoc cref="Pass"/>
    /// <remarks>The first share begins a traversal of the batch, which has draws of its own.</remarks>
    public Tensor Run(Share share, Backward backward)
    {
        if (share.Index == 0)
        {
            noise.Renew();
            kept?.Renew();
        }
        using var scope = NewDisposeScope();
        var (start, length) = share.In(labels.shape[0]);
        var sum = zeros([], ScalarType.Float32, labels.device);
        for (var i = 0; i < pieces; i++)
        {
            var (offset, count) = new Share(i, pieces).In(length);
            if (count > 0)
                sum.add_(Piece(start + offset, count, backward));
        }
        return sum.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        noise.Dispose();
        kept?.Dispose();
        total.Dispose();
    }

    private Tensor Piece(long start, long count, Backward backward)
    {
        using var scope = NewDisposeScope();
        var targets = labels.narrow(0, start, count);
        var outputs = model.OutputsOf(
            prepared.narrow(0, start, count),
            kept?.Part(start, count, model.Shape.Width)
        );
        var terms = loss.Terms(
            outputs,
            targets,
            classWeights,
            shape => noise.Part(start, shape[0], shape[1]),
            total
        );
        backward(terms, targets);
        return terms.detach().sum().MoveToOuterDisposeScope();
    }
}

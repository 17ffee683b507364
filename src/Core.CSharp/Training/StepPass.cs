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
    private readonly Tensor[] own;

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
        own = [total];
    }

    private StepPass(StepPass other)
    {
        (model, loss, pieces) = (other.model, other.loss, other.pieces);
        own = [.. other.Read.Select(tensor => tensor.clone().DetachFromDisposeScope())];
        (prepared, labels, total, classWeights) = (
            own[0],
            own[1],
            own[2],
            own.ElementAtOrDefault(3)
        );
        noise = other.noise.Copy();
        kept = other.kept?.Copy();
    }

    internal long Images => labels.shape[0];

    /// <inheritdoc cref="Pass"/>
    /// <remarks>The first share begins a traversal of the batch, which has draws of its own.</remarks>
    public Tensor Run(Share share, Backward backward)
    {
        if (share.Index == 0)
        {
            noise.Renew();
            kept?.Renew();
        }
        return Compute(share, backward);
    }

    /// <summary>As <see cref="Run"/>, but by the numbers that are drawn: nothing random, nothing from or to the host.</summary>
    internal Tensor Compute(Share share, Backward backward)
    {
        using var scope = NewDisposeScope();
        var (start, length) = share.In(labels.shape[0]);
        var sum = NoLoss();
        for (var i = 0; i < pieces; i++)
        {
            var (offset, count) = new Share(i, pieces).In(length);
            if (count > 0)
                sum.add_(Piece(start + offset, count, backward));
        }
        return sum.MoveToOuterDisposeScope();
    }

    /// <summary>The same pass over tensors of its own, which <see cref="Take"/> writes over; where it has been run, its draws too.</summary>
    internal StepPass Copy() => new(this);

    /// <summary>Becomes the next traversal of a pass that is alike.</summary>
    internal void Take(StepPass other)
    {
        foreach (var (mine, others) in Read.Zip(other.Read))
            mine.copy_(others);
        noise.Take(other.noise);
        if (other.kept is not null)
            kept?.Take(other.kept);
    }

    /// <summary>Whether both do the same work on tensors of the same shapes, as passes of one run may.</summary>
    internal bool IsLike(StepPass other) =>
        Images == other.Images
        && classWeights is null == other.classWeights is null
        && kept is null == other.kept is null;

    public void Dispose()
    {
        noise.Dispose();
        kept?.Dispose();
        foreach (var tensor in own)
            tensor.Dispose();
    }

    /// <summary>Zero, as a loss is: a scalar on the device.</summary>
    internal Tensor NoLoss() => zeros([], ScalarType.Float32, labels.device);

    private Tensor[] Read =>
        classWeights is null ? [prepared, labels, total] : [prepared, labels, total, classWeights];

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

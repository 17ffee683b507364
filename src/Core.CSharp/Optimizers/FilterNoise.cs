using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>
/// Noise as large as what it is added to (Bisla et al., 2022; Li et al., 2024): within a filter f every value gets
/// deviation * ||w_f|| * N(0, 1), so that ||e_f|| is about deviation * sqrt(size of f) * ||w_f||.
/// </summary>
/// <remarks>
/// A filter is a row of a matrix or a slice of a convolution along its first dimension, and all of a vector or a single
/// number. A tensor of three dimensions is a list of lists of tokens (prompts (Depth, P, Width), position embeddings), and a
/// token is a filter: along the first dimension alone all prompts of a layer would be one.
/// </remarks>
public abstract class FilterNoise : Perturbation
{
    private readonly NoiseSource noise;
    private readonly Segments filters;

    private protected FilterNoise(
        FlatParameters parameters,
        NoiseSource noise,
        IReadOnlyDictionary<string, double>? radiusFactors
    )
        : base(parameters, radiusFactors)
    {
        this.noise = noise;
        filters = new Segments(
            [.. parameters.Names.SelectMany(name => Filters(parameters[name].shape))],
            parameters.Values.device
        );
    }

    public override void Dispose()
    {
        base.Dispose();
        filters.Dispose();
    }

    /// <summary>(Count): the norm of each value's filter. Summed in float64: the order of the sum, free on a GPU, does not show.</summary>
    private protected Tensor Norms() =>
        filters
            .Spread(filters.Sum(Parameters.Values.@double().pow(2)).sqrt())
            .to(Parameters.StateType);

    /// <summary>Forward and backward of a share of the batch under a draw of its own.</summary>
    private protected Tensor Under(
        Pass pass,
        Share share,
        Moment now,
        Tensor norms,
        double deviation,
        double factor = 1
    )
    {
        using var home = Parameters.KeepValues();
        using (NewDisposeScope())
            Move(Draw(noise, now, share.Index) * norms, deviation);
        return pass.Run(share, factor);
    }

    private static IEnumerable<long> Filters(long[] shape)
    {
        var count = shape.Length switch
        {
            <= 1 => 1,
            3 => shape[0] * shape[1],
            _ => shape[0],
        };
        return Enumerable.Repeat(shape.Aggregate(1L, (n, size) => n * size) / count, (int)count);
    }
}

using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>
/// Noise as large as what it is added to (Bisla et al., 2022; Li et al., 2024): within a filter f every value gets
/// deviation * ||w_f|| * N(0, 1), so that ||e_f|| is about deviation * sqrt(size of f) * ||w_f||.
/// </summary>
public abstract class FilterNoise : Perturbation
{
    private readonly NoiseSource noise;
    private readonly Filters filters;

    private protected FilterNoise(
        FlatParameters parameters,
        NoiseSource noise,
        IReadOnlyDictionary<string, double>? radiusFactors
    )
        : base(parameters, radiusFactors)
    {
        this.noise = noise;
        filters = new Filters(parameters);
    }

    public override void Dispose()
    {
        base.Dispose();
        filters.Dispose();
    }

    /// <summary>(Count): the norm of each value's filter.</summary>
    private protected Tensor Norms() => filters.Norms(Parameters.Values);

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
}

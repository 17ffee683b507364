using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>
/// Low-pass filtering SGD (Bisla et al., 2022): the batch in M shares, the gradient of each at w + e with a draw of its own of
/// filter-wise noise; the deviation grows along a cosine, s_t = s_0 (1 + (growth - 1) (1 - cos(pi t / T)) / 2). One draw
/// without growth is random weight perturbation.
/// </summary>
public sealed class LpfSgd : FilterNoise
{
    private readonly double deviation;
    private readonly int draws;
    private readonly double growth;

    /// <param name="deviation">s_0, of a value's noise over the norm of its filter.</param>
    /// <param name="draws">M, at least 1.</param>
    /// <param name="growth">s_T over s_0.</param>
    /// <param name="radiusFactors">Multiply the deviation by parameter name.</param>
    /// <exception cref="ArgumentOutOfRangeException">deviation or growth negative or NaN, or no draw</exception>
    public LpfSgd(
        FlatParameters parameters,
        double deviation,
        int draws,
        double growth,
        NoiseSource noise,
        IReadOnlyDictionary<string, double>? radiusFactors = null
    )
        : base(parameters, noise, radiusFactors)
    {
        this.deviation = Guard.NotNegative(deviation);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(draws);
        this.draws = draws;
        this.growth = Guard.NotNegative(growth);
    }

    public override Tensor Gradient(Pass pass, Moment now)
    {
        var grown = deviation * (1 + (growth - 1) * (1 - Math.Cos(Math.PI * now.Done)) / 2);
        if (grown == 0)
            return pass.Run();
        using var scope = NewDisposeScope();
        var norms = Norms();
        var loss = Under(pass, new Share(0, draws), now, norms, grown);
        for (var draw = 1; draw < draws; draw++)
            loss = loss + Under(pass, new Share(draw, draws), now, norms, grown);
        return loss.MoveToOuterDisposeScope();
    }
}

using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>
/// Mixed random weight perturbation (Li et al., 2024): mix * grad L(w + e; B_1) + (1 - mix) * grad L(w; B_2) with filter-wise
/// noise e and the batch's two halves B_1 and B_2, one forward and backward of the batch in all.
/// </summary>
public sealed class Rwp : FilterNoise
{
    private static readonly Share Noisy = new(0, 2);
    private static readonly Share Clean = new(1, 2);

    private readonly double deviation;
    private readonly double mix;

    /// <param name="deviation">Of a value's noise over the norm of its filter.</param>
    /// <param name="mix">In [0, 1].</param>
    /// <param name="radiusFactors">Multiply the deviation by parameter name.</param>
    /// <exception cref="ArgumentOutOfRangeException">deviation negative or NaN, or mix outside its range</exception>
    public Rwp(
        FlatParameters parameters,
        double deviation,
        double mix,
        NoiseSource noise,
        IReadOnlyDictionary<string, double>? radiusFactors = null
    )
        : base(parameters, noise, radiusFactors)
    {
        this.deviation = Guard.NotNegative(deviation);
        this.mix = Guard.Share(mix);
    }

    public override Tensor Gradient(Pass pass, Moment now)
    {
        if (deviation == 0)
            return pass.Run();
        using var scope = NewDisposeScope();
        // A half's terms are divided by what normalises the whole batch: twice them is its mean.
        var noisy = Under(pass, Noisy, now, Norms(), deviation, 2 * mix);
        var clean = pass.Run(Clean, 2 * (1 - mix));
        return (noisy + clean).MoveToOuterDisposeScope();
    }
}

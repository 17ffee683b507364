using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>
/// Gaussian neighborhood minimization (method.md 1.2): one forward and backward at theta + e with
/// e = radius * m(epoch) * clamp(u, -1, 1), u ~ N(0, 1/9) fresh at every step.
/// </summary>
public sealed class Gnm : Perturbation
{
    private const double Deviation = 1.0 / 3;

    private readonly double radius;
    private readonly int? halveEvery;
    private readonly bool literal;
    private readonly NoiseSource noise;

    /// <param name="radius">rho * dis_mul of the published code (0.05 * 0.1): bounds every coordinate of e where m = 1.</param>
    /// <param name="halveEvery">E of <see cref="NoiseMultiplier"/>; null keeps m = 1.</param>
    /// <param name="literal">The published code's m to the letter.</param>
    /// <param name="radiusFactors">Multiply the radius by parameter name.</param>
    /// <exception cref="ArgumentOutOfRangeException">radius negative or NaN; halveEvery outside the multiplier's range</exception>
    public Gnm(
        FlatParameters parameters,
        double radius,
        int? halveEvery,
        bool literal,
        NoiseSource noise,
        IReadOnlyDictionary<string, double>? radiusFactors = null
    )
        : base(parameters, radiusFactors)
    {
        this.radius = Guard.NotNegative(radius);
        this.halveEvery = NoiseMultiplier.CheckHalving(halveEvery, literal);
        this.literal = literal;
        this.noise = noise;
    }

    public override Tensor Gradient(Pass pass, Moment now)
    {
        var bound = radius * NoiseMultiplier.At(now.Epoch, halveEvery, literal);
        if (bound == 0)
            return pass.Run();
        using var home = Parameters.KeepValues();
        using (NewDisposeScope())
            Move(Draw(noise, now, 0).mul(Deviation).clamp(-1, 1), bound);
        return pass.Run();
    }
}

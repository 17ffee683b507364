using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>u ~ N(0, 1/9), shape (count), BEFORE the clamp to [-1, 1]. It may depend on the step, never on the values.</summary>
public delegate Tensor NoiseSource(long count, Moment now);

/// <summary>
/// Gaussian neighborhood minimization (method.md 1.2): one forward and backward at theta + e with
/// e = radius * m(epoch) * clamp(u, -1, 1), fresh at every step.
/// </summary>
public sealed class Gnm : Perturbation
{
    private readonly double radius;
    private readonly int? halveEvery;
    private readonly bool literal;
    private readonly NoiseSource noise;

    /// <param name="radius">rho * dis_mul of the published code (0.05 * 0.1): bounds every coordinate of e where m = 1.</param>
    /// <param name="halveEvery">E of <see cref="NoiseMultiplier"/>; null keeps m = 1.</param>
    /// <param name="literal">The published code's m(0) = 2.</param>
    /// <param name="radiusFactors">Multiply the radius by parameter name.</param>
    /// <exception cref="ArgumentOutOfRangeException">radius negative or NaN; halveEvery below 1</exception>
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
        this.halveEvery = NoiseMultiplier.CheckHalving(halveEvery);
        this.literal = literal;
        this.noise = noise;
    }

    /// <summary>Draws on the parameters' device, keyed by the seed and the step alone.</summary>
    public static NoiseSource Drawn(long seed, FlatParameters parameters) =>
        (count, now) =>
        {
            var (dtype, device) = (parameters.Values.dtype, parameters.Values.device);
            using var generator = Randomness.Stream(
                seed,
                Purpose.NeighborhoodNoise,
                now.Step,
                device
            );
            return empty([count], dtype, device).normal_(0, 1.0 / 3, generator);
        };

    public override Tensor Gradient(Pass pass, Moment now)
    {
        var bound = radius * NoiseMultiplier.At(now.Epoch, halveEvery, literal);
        if (bound == 0)
            return pass.Run();
        using var home = Parameters.KeepValues();
        Displace(bound, now);
        return pass.Run();
    }

    private void Displace(double bound, Moment now)
    {
        using var scope = NewDisposeScope();
        using var recording = no_grad();
        var draws = noise(Parameters.Count, now);
        if (draws.numel() != Parameters.Count)
            throw new ArgumentException(
                $"The noise has {draws.numel()} numbers for {Parameters.Count} values."
            );
        Move(draws.clamp(-1, 1), bound);
    }
}

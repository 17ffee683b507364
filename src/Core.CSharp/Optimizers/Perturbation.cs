using LongTail.Core.Settings;
using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>
/// Moves the values before a pass so that the gradient is taken elsewhere, and back after it, also where the pass throws.
/// Whatever base optimizer uses the gradient never sees the displaced values.
/// </summary>
public abstract class Perturbation : IDisposable
{
    private readonly Tensor? factors;

    /// <param name="radiusFactors">
    /// What the radius is multiplied by for parameters of these names: groups with a radius of their own (method.md 9,
    /// item 12). Null and names left out keep the radius.
    /// </param>
    /// <exception cref="ArgumentException">no parameter has one of the names</exception>
    /// <exception cref="ArgumentOutOfRangeException">a factor is negative, infinite or NaN</exception>
    private protected Perturbation(
        FlatParameters parameters,
        IReadOnlyDictionary<string, double>? radiusFactors
    )
    {
        Parameters = parameters;
        factors = radiusFactors is null
            ? null
            : parameters.Spread(radiusFactors).DetachFromDisposeScope();
    }

    public FlatParameters Parameters { get; }

    /// <summary>Adds the step's gradient, taken at displaced values, and leaves the values as they were.</summary>
    /// <returns>The detached loss.</returns>
    /// <remarks>A radius of zero is the pass itself. Perturbations do not nest: throws where the values are displaced already.</remarks>
    public abstract Tensor Gradient(Pass pass, Moment now);

    /// <summary>The perturbation that the settings describe; its noise is keyed by the run's seed.</summary>
    /// <param name="classCounts">Training images of each class.</param>
    internal static Perturbation Create(
        PerturbationSettings settings,
        FlatParameters parameters,
        long seed,
        IReadOnlyList<int> classCounts,
        IReadOnlyDictionary<string, double>? radii
    )
    {
        var noise = ValueNoise.Drawn(seed, parameters);
        Sam Sam(double rho, bool adaptive = false, ClassSharpness? classes = null) =>
            new(parameters, rho, adaptive, classes, radii);
        return settings switch
        {
            GnmSettings s => new Gnm(parameters, s.Radius, s.HalveEvery, s.Literal, noise, radii),
            LpfSgdSettings s => new LpfSgd(
                parameters,
                s.Deviation,
                s.Draws,
                s.Growth,
                noise,
                radii
            ),
            RwpSettings s => new Rwp(parameters, s.Deviation, s.Mix, noise, radii),
            SamSettings s => Sam(s.Rho),
            AsamSettings s => Sam(s.Rho, adaptive: true),
            ImbSamSettings s => Sam(
                s.Rho,
                classes: ClassSharpness.ImbSam(classCounts, s.TailBelow)
            ),
            FocalSamSettings s => Sam(
                s.Rho,
                classes: ClassSharpness.FocalSam(classCounts, s.Gamma, s.Sharpness)
            ),
            _ => throw new NotSupportedException($"No perturbation for {settings}."),
        };
    }

    public virtual void Dispose() => factors?.Dispose();

    /// <summary>Moves the values by this length along a direction of shape (Count), each by its parameter's factor.</summary>
    private protected void Move(Tensor direction, double length) =>
        Parameters.Values.add_(factors is null ? direction : direction * factors, length);

    /// <summary>The source's noise of a step's draw, (Count).</summary>
    /// <exception cref="ArgumentException">it has another length</exception>
    private protected Tensor Draw(NoiseSource noise, Moment now, int draw)
    {
        var numbers = noise(now, draw);
        return numbers.numel() == Parameters.Count
            ? numbers
            : throw new ArgumentException(
                $"The noise has {numbers.numel()} numbers for {Parameters.Count} values."
            );
    }
}

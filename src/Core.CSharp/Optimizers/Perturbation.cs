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
        factors = radiusFactors is null ? null : parameters.Spread(radiusFactors);
    }

    public FlatParameters Parameters { get; }

    /// <summary>Adds the step's gradient, taken at displaced values, and leaves the values as they were.</summary>
    /// <returns>The detached loss.</returns>
    /// <remarks>A radius of zero is the pass itself. Perturbations do not nest: throws where the values are displaced already.</remarks>
    public abstract Tensor Gradient(Pass pass, Moment now);

    public void Dispose() => factors?.Dispose();

    /// <summary>Moves the values by this length along a direction of shape (Count), each by its parameter's factor.</summary>
    private protected void Move(Tensor direction, double length) =>
        Parameters.Values.add_(factors is null ? direction : direction * factors, length);
}

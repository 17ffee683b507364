namespace LongTail.Core.Optimizers;

/// <summary>
/// Moves the values before a pass so that the gradient is taken elsewhere, and back after it, also where the pass throws.
/// A combinator on the pass: whatever base optimizer uses the gradient never sees the displaced values.
/// </summary>
public abstract class Perturbation
{
    private protected Perturbation(FlatParameters parameters) => Parameters = parameters;

    public FlatParameters Parameters { get; }

    /// <summary>The pass at displaced values. A radius of zero is the pass itself, called once.</summary>
    /// <remarks>Perturbations do not nest: the result throws where the values are displaced already.</remarks>
    public abstract Pass Around(Pass pass, Moment now);
}

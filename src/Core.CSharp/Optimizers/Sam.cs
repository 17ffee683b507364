using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>
/// Sharpness-aware minimization (method.md 1.5): a first pass gives g, a second one the gradient at
/// theta + rho * g / (||g|| + 1e-12), the norm over all values. Returns the first pass's loss.
/// </summary>
public sealed class Sam : Perturbation
{
    // Published with the method; keeps e = 0, not NaN, where the gradient is zero.
    private const double Epsilon = 1e-12;

    private readonly double rho;

    /// <param name="radiusFactors">Multiply rho by parameter name; the norm stays over all values.</param>
    /// <exception cref="ArgumentOutOfRangeException">rho negative or NaN</exception>
    public Sam(
        FlatParameters parameters,
        double rho,
        IReadOnlyDictionary<string, double>? radiusFactors = null
    )
        : base(parameters, radiusFactors) => this.rho = Guard.NotNegative(rho);

    public override Tensor Gradient(Pass pass, Moment now)
    {
        var loss = pass.Run();
        if (rho == 0)
            return loss;
        using var home = Parameters.KeepValues();
        Ascend();
        Parameters.ZeroGradients();
        pass.Run().Dispose();
        return loss;
    }

    private void Ascend()
    {
        using var scope = NewDisposeScope();
        using var recording = no_grad();
        var norm = Parameters.Gradients.norm().add_(Epsilon);
        Move(Parameters.Gradients / norm, rho);
    }
}

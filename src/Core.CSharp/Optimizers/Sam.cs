using LongTail.Core.Models;
using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>
/// Sharpness-aware minimization (method.md 1.5): a first pass gives g, a second one the gradient at
/// theta + rho * g / (||g|| + 1e-12), the norm over all values. Returns the first pass's loss.
/// </summary>
/// <remarks>
/// Where the loss comes in two parts by class (ImbSAM, Focal-SAM), g is the sharp part's, and the first forward gives the
/// still part's gradient too: two forwards, three backwards.
/// </remarks>
public sealed class Sam : Perturbation
{
    // Published with SAM; keeps e = 0, not NaN, where the gradient is zero.
    private const double Epsilon = 1e-12;

    private readonly double rho;
    private readonly bool adaptive;
    private readonly Tensor? sharp;
    private readonly Tensor? still;
    private readonly Backward sharply;

    /// <param name="adaptive">ASAM: e = rho * w^2 g / (|| |w| g || + 1e-12), which does not change when w is rescaled.</param>
    /// <param name="classes">What of the loss the ascent climbs; null is all of it.</param>
    /// <param name="radiusFactors">Multiply rho by parameter name; the norm stays over all values.</param>
    /// <exception cref="ArgumentOutOfRangeException">rho negative or NaN</exception>
    public Sam(
        FlatParameters parameters,
        double rho,
        bool adaptive = false,
        ClassSharpness? classes = null,
        IReadOnlyDictionary<string, double>? radiusFactors = null
    )
        : base(parameters, radiusFactors)
    {
        this.rho =
            classes is null || classes.Sharp.Any(factor => factor > 0) ? Guard.NotNegative(rho) : 0;
        this.adaptive = adaptive;
        sharp = Factors(classes?.Sharp, 1);
        still = Factors(classes?.Still, 0);
        sharply = sharp is null
            ? Passes.Plain
            : (terms, targets) => Weighted(terms, targets, sharp).backward();
    }

    public override Tensor Gradient(Pass pass, Moment now)
    {
        if (rho == 0)
            return pass.Run();
        using var scope = NewDisposeScope();
        var (climbed, kept) = (Zeros(), still is null ? null : Zeros());
        var loss = pass(
            Share.Whole,
            kept is null
                ? sharply
                : (terms, targets) =>
                {
                    using (FrozenBlocks.RetainGraphs())
                        Weighted(terms, targets, still).backward(null, retain_graph: true);
                    Gather(kept);
                    sharply(terms, targets);
                    Gather(climbed);
                }
        );
        // Nothing is left where the two parts were taken apart.
        Gather(climbed);
        var norm = Climb(pass, climbed);
        if (kept is not null)
            Parameters.Gradients.add_(kept);
        // A first gradient that is no number makes the step's gradient none either.
        Parameters.Gradients.add_(norm * 0);
        return loss.MoveToOuterDisposeScope();
    }

    public override void Dispose()
    {
        base.Dispose();
        sharp?.Dispose();
        still?.Dispose();
    }

    /// <summary>Adds the sharp part's gradient at w + e; returns the norm that e was divided by.</summary>
    private Tensor Climb(Pass pass, Tensor gradient)
    {
        using var home = Parameters.KeepValues();
        var scale = adaptive ? Parameters.Values.abs() : null;
        var scaled = scale is null ? gradient : gradient.mul_(scale);
        var norm = scaled.norm().add_(Epsilon);
        Move((scale is null ? scaled : scaled * scale) / norm, rho);
        pass(Share.Whole, sharply).Dispose();
        return norm;
    }

    /// <summary>Moves the gradient to a sum of its own.</summary>
    private void Gather(Tensor sum)
    {
        sum.add_(Parameters.Gradients);
        Parameters.ZeroGradients();
    }

    private Tensor Zeros() => Parameters.Gradients.zeros_like();

    private static Tensor Weighted(Tensor terms, Tensor targets, Tensor? factors) =>
        (factors is null ? terms : terms * factors.index_select(0, targets)).sum();

    /// <summary>On the parameters' device; null where every class has the same factor that needs no tensor.</summary>
    private Tensor? Factors(IReadOnlyList<double>? byClass, double plain) =>
        byClass is null || byClass.All(factor => factor == plain)
            ? null
            : tensor([.. byClass], Parameters.StateType, Parameters.Values.device)
                .DetachFromDisposeScope();
}

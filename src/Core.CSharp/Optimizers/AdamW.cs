using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019), betas 0.9 and 0.999, eps 1e-8, bias-corrected by the
/// number of steps done: theta = theta - rate * (weightDecay * theta + m^ / (sqrt(v^) + eps)).
/// </summary>
/// <remarks>In a step that gives a parameter no gradient its moments fade by their betas, and theta stays.</remarks>
public sealed class AdamW : BaseOptimizer
{
    private const double FirstBeta = 0.9;
    private const double SecondBeta = 0.999;
    private const double Epsilon = 1e-8;

    private readonly double weightDecay;
    private readonly Tensor first;
    private readonly Tensor second;

    /// <param name="weightDecay">At least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">weight decay negative or NaN</exception>
    public AdamW(FlatParameters parameters, double weightDecay)
        : base(parameters, "first_moment", "second_moment")
    {
        this.weightDecay = Guard.NotNegative(weightDecay);
        first = State["first_moment"];
        second = State["second_moment"];
    }

    internal override Tensor Direction(Tensor reached, Moment now)
    {
        var gradients = Parameters.Gradients.to(Parameters.StateType);
        first.mul_(FirstBeta).add_(gradients, 1 - FirstBeta);
        second.mul_(SecondBeta).addcmul_(gradients, gradients, 1 - SecondBeta);
        var firstCorrection = 1 - Math.Pow(FirstBeta, now.Step + 1);
        var secondCorrection = 1 - Math.Pow(SecondBeta, now.Step + 1);
        return first
            .div(second.div(secondCorrection).sqrt_().add_(Epsilon))
            .mul_(1 / firstCorrection)
            .add_(Parameters.Values, weightDecay);
    }
}

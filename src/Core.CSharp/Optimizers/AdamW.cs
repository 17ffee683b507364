using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019), betas 0.9 and 0.999, eps 1e-8, bias-corrected by the
/// number of steps done: theta = theta - rate * (weightDecay * theta + m^ / (sqrt(v^) + eps)).
/// </summary>
/// <remarks>In a step that gives a parameter no gradient its moments fade by their betas, and theta stays.</remarks>
public sealed class AdamW : Optimizer
{
    private const double FirstBeta = 0.9;
    private const double SecondBeta = 0.999;
    private const double Epsilon = 1e-8;

    private readonly double weightDecay;
    private readonly Tensor first;
    private readonly Tensor second;

    /// <param name="weightDecay">At least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">weight decay negative or NaN</exception>
    public AdamW(FlatParameters parameters, double weightDecay, Perturbation? perturbation = null)
        : base(parameters, perturbation)
    {
        this.weightDecay = Guard.NotNegative(weightDecay);
        first = parameters.Values.zeros_like().DetachFromDisposeScope();
        second = parameters.Values.zeros_like().DetachFromDisposeScope();
        State = new Dictionary<string, Tensor>
        {
            ["first_moment"] = first,
            ["second_moment"] = second,
        };
    }

    public override IReadOnlyDictionary<string, Tensor> State { get; }

    private protected override void Update(Moment now)
    {
        var values = Parameters.Values;
        var gradients = Parameters.Gradients;
        var reached = Parameters.Reached();
        first.mul_(FirstBeta).add_(gradients, 1 - FirstBeta);
        second.mul_(SecondBeta).addcmul_(gradients, gradients, 1 - SecondBeta);

        var firstCorrection = 1 - Math.Pow(FirstBeta, now.Step + 1);
        var secondCorrection = 1 - Math.Pow(SecondBeta, now.Step + 1);
        values.addcmul_(values, reached, -now.LearningRate * weightDecay);
        values.addcdiv_(
            first.mul(reached),
            second.div(secondCorrection).sqrt().add_(Epsilon),
            -now.LearningRate / firstCorrection
        );
    }
}

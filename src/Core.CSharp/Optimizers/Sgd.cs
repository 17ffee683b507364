using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>
/// v = momentum * v + g + weightDecay * theta (v = 0 before the first step); theta = theta - rate * v
/// (method.md 1.2: torch's SGD without dampening or Nesterov).
/// </summary>
/// <remarks>In a step that gives a parameter no gradient its v fades by the momentum, and theta stays.</remarks>
public sealed class Sgd : Optimizer
{
    private readonly double momentum;
    private readonly double weightDecay;
    private readonly Tensor velocity;

    /// <param name="momentum">In [0, 1).</param>
    /// <param name="weightDecay">At least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">either is outside its range, or NaN</exception>
    public Sgd(
        FlatParameters parameters,
        double momentum,
        double weightDecay,
        Perturbation? perturbation = null
    )
        : base(parameters, perturbation)
    {
        this.momentum = Guard.BelowOne(momentum);
        this.weightDecay = Guard.NotNegative(weightDecay);
        velocity = parameters.Values.zeros_like().DetachFromDisposeScope();
        State = new Dictionary<string, Tensor> { ["momentum"] = velocity };
    }

    public override IReadOnlyDictionary<string, Tensor> State { get; }

    private protected override void Update(Moment now)
    {
        var reached = Parameters.Reached();
        velocity.mul_(momentum).add_(Parameters.Gradients);
        velocity.addcmul_(Parameters.Values, reached, weightDecay);
        Parameters.Values.addcmul_(velocity, reached, -now.LearningRate);
    }
}

using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>
/// v = momentum * v + g + weightDecay * theta (v = 0 before the first step); theta = theta - rate * v, or with Nesterov
/// theta - rate * (g + weightDecay * theta + momentum * v) (method.md 1.2: torch's SGD without dampening).
/// </summary>
/// <remarks>In a step that gives a parameter no gradient its v fades by the momentum, and theta stays.</remarks>
public sealed class Sgd : BaseOptimizer
{
    private readonly double momentum;
    private readonly double weightDecay;
    private readonly bool nesterov;
    private readonly Tensor velocity;

    /// <param name="momentum">In [0, 1).</param>
    /// <param name="weightDecay">At least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">either is outside its range, or NaN</exception>
    public Sgd(
        FlatParameters parameters,
        double momentum,
        double weightDecay,
        bool nesterov = false
    )
        : base(parameters, nameof(momentum))
    {
        this.momentum = Guard.BelowOne(momentum);
        this.weightDecay = Guard.NotNegative(weightDecay);
        this.nesterov = nesterov;
        velocity = State[nameof(momentum)];
    }

    internal override Tensor Direction(Tensor reached, Moment now)
    {
        var decayed = Parameters.Gradients.add(Parameters.Values * reached, weightDecay);
        velocity.mul_(momentum).add_(decayed);
        return nesterov ? decayed.add(velocity, momentum) : velocity;
    }
}

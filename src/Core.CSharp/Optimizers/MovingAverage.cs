using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>
/// Exponential moving average of the trained values: a_0 = theta as the run's first step finds it, a_t = decay * a_{t-1} + (1 - decay) * theta_t. Neither
/// bias-corrected, since it starts at the values and not at zero, nor warmed up, since one decay throughout keeps the
/// closed form: for a run of T steps choose a decay with 1 / (1 - decay) well below T.
/// </summary>
public sealed class MovingAverage : IDisposable
{
    private readonly FlatParameters parameters;
    private readonly double weight;

    /// <param name="decay">In (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">decay outside its range, or NaN</exception>
    public MovingAverage(FlatParameters parameters, double decay)
    {
        weight = 1 - Guard.Positive(Guard.BelowOne(decay));
        this.parameters = parameters;
        Values = parameters.Values.zeros_like(parameters.StateType).DetachFromDisposeScope();
        Start();
    }

    /// <summary>Shape (Count); float32 where the parameters are of lower precision.</summary>
    public Tensor Values { get; }

    /// <summary>Puts the averages in the parameters' place until the result is disposed, which restores the values bit for bit.</summary>
    /// <exception cref="InvalidOperationException">the values are displaced already</exception>
    public IDisposable InPlace()
    {
        var home = parameters.KeepValues();
        parameters.Values.copy_(Values);
        return home;
    }

    public void Dispose() => Values.Dispose();

    internal void Start() => Values.copy_(parameters.Values);

    // Not decay * a + (1 - decay) * theta: so values that do not move leave the average without rounding.
    internal void Follow()
    {
        using var scope = NewDisposeScope();
        Values.add_(parameters.Values - Values, weight);
    }
}

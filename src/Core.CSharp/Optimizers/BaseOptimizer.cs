using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>What makes of gradients the direction that the values move against: SGD, AdamW.</summary>
public abstract class BaseOptimizer : IDisposable
{
    private protected BaseOptimizer(FlatParameters parameters, params string[] state)
    {
        Parameters = parameters;
        State = state.ToDictionary(
            name => name,
            _ => parameters.Values.zeros_like(parameters.StateType).DetachFromDisposeScope()
        );
    }

    public FlatParameters Parameters { get; }

    /// <summary>What it remembers between steps, (Count) each, by name; zero before the first.</summary>
    public IReadOnlyDictionary<string, Tensor> State { get; }

    /// <summary>(Count): the way of a step at rate 1, by the gradients and values as they are; advances the state.</summary>
    /// <param name="reached">(Count), bool: where there is a gradient. Elsewhere the way is not gone, and the state fades.</param>
    internal abstract Tensor Direction(Tensor reached, Moment now);

    public void Dispose()
    {
        foreach (var tensor in State.Values)
            tensor.Dispose();
    }
}

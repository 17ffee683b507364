using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>
/// All trained numbers of a run in one flat buffer and their gradients in another, so that perturbing, restoring and
/// updating are a few vector operations however many parameters there are. Parameters are views: leaves that require a
/// gradient, whose <c>grad</c> is a view of <see cref="Gradients"/>. Neither buffer is ever re-allocated.
/// </summary>
public sealed class FlatParameters : IDisposable
{
    private readonly Tensor reached;
    private readonly Tensor[] gradientViews;
    private readonly Tensor[] reachedViews;
    private readonly Dictionary<string, Tensor> views = [];
    private Tensor? kept;

    /// <summary>Copies the initial values, in the order given, each flattened row by row.</summary>
    /// <param name="parameters">Distinct names; tensors of any shape, one floating dtype for all.</param>
    /// <param name="device">Where the buffers live; null is the CPU.</param>
    /// <exception cref="ArgumentException">no parameter, a name twice, or two dtypes</exception>
    public FlatParameters(
        IReadOnlyList<(string Name, Tensor Initial)> parameters,
        Device? device = null
    )
    {
        if (parameters.Count == 0)
            throw new ArgumentException("There is nothing to train.", nameof(parameters));
        var dtype = parameters[0].Initial.dtype;
        if (parameters.FirstOrDefault(p => p.Initial.dtype != dtype) is { Name: { } odd } other)
            throw new ArgumentException(
                $"{odd} is {other.Initial.dtype}, {parameters[0].Name} is {dtype}: one dtype for all.",
                nameof(parameters)
            );

        using var scope = NewDisposeScope();
        Names = [.. parameters.Select(p => p.Name)];
        Count = parameters.Sum(p => p.Initial.numel());
        Values = Buffer(dtype, device);
        Gradients = Buffer(dtype, device);
        reached = Buffer(dtype, device);
        gradientViews = new Tensor[parameters.Count];
        reachedViews = new Tensor[parameters.Count];

        long start = 0;
        for (var i = 0; i < parameters.Count; i++)
        {
            var (name, initial) = parameters[i];
            // Detached: a leaf of its own that shares the storage, whatever grad mode this is called in.
            Tensor View(Tensor buffer) =>
                buffer
                    .narrow(0, start, initial.numel())
                    .view(initial.shape)
                    .detach()
                    .DetachFromDisposeScope();

            var view = View(Values);
            gradientViews[i] = View(Gradients);
            reachedViews[i] = View(reached);
            if (!views.TryAdd(name, view))
                throw new ArgumentException($"{name} is given twice.", nameof(parameters));
            using (no_grad())
                view.copy_(initial);
            view.requires_grad = true;
            view.grad = gradientViews[i];
            start += initial.numel();
        }
    }

    public IReadOnlyList<string> Names { get; }

    /// <summary>How many numbers are trained.</summary>
    public long Count { get; }

    /// <summary>Shape (Count). Change it in place, and only where no graph is being recorded.</summary>
    public Tensor Values { get; }

    /// <summary>Shape (Count). What the last pass left.</summary>
    public Tensor Gradients { get; }

    /// <summary>The leaf that a model computes with; the same handle for life.</summary>
    /// <exception cref="KeyNotFoundException">no parameter has this name</exception>
    public Tensor this[string name] => views[name];

    public void ZeroGradients() => Gradients.zero_();

    /// <summary>
    /// Shape (Count): 1 where the value's parameter received a gradient in the last pass, 0 in parameters whose whole
    /// gradient is zero. An unused parameter must not decay or drift (method.md 1.4, trap 5), and a flat buffer, unlike
    /// torch's missing <c>grad</c>, does not tell it from the others. Read on the device: no synchronisation.
    /// </summary>
    internal Tensor Reached()
    {
        using var scope = NewDisposeScope();
        for (var i = 0; i < gradientViews.Length; i++)
            reachedViews[i].copy_(gradientViews[i].any());
        return reached;
    }

    /// <summary>
    /// Shape (Count): a parameter's number in all its places, 1 in those of parameters without one. The caller disposes it.
    /// </summary>
    internal Tensor Spread(IReadOnlyDictionary<string, double> byName)
    {
        if (byName.Keys.FirstOrDefault(name => !views.ContainsKey(name)) is { } unknown)
            throw new ArgumentException($"{unknown} is no parameter.", nameof(byName));
        using var scope = NewDisposeScope();
        return cat([
                .. Names.Select(name =>
                    full(
                        [views[name].numel()],
                        byName.TryGetValue(name, out var number) ? Guard.NotNegative(number) : 1,
                        Values.dtype,
                        Values.device
                    )
                ),
            ])
            .DetachFromDisposeScope();
    }

    /// <summary>
    /// Keeps a copy of the values until the result is disposed, then copies it back: bit for bit, where adding and then
    /// subtracting a displacement would leave rounding behind.
    /// </summary>
    /// <exception cref="InvalidOperationException">the values are displaced already: perturbations do not nest</exception>
    internal IDisposable KeepValues()
    {
        if (kept is not null)
            throw new InvalidOperationException(
                "The values are perturbed already: one optimizer step takes one perturbation."
            );
        kept = Values.clone().DetachFromDisposeScope();
        return new Home(this);
    }

    public void Dispose()
    {
        kept?.Dispose();
        foreach (var view in views.Values.Concat(gradientViews).Concat(reachedViews))
            view.Dispose();
        Values.Dispose();
        Gradients.Dispose();
        reached.Dispose();
    }

    private Tensor Buffer(ScalarType dtype, Device? device) =>
        zeros(Count, dtype, device ?? CPU).DetachFromDisposeScope();

    private sealed class Home(FlatParameters parameters) : IDisposable
    {
        public void Dispose()
        {
            if (parameters.kept is not { } values)
                return;
            parameters.Values.copy_(values);
            values.Dispose();
            parameters.kept = null;
        }
    }
}

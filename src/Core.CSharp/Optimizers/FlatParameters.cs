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
    private readonly Tensor[] gradientViews;
    private readonly Dictionary<string, Tensor> views = [];
    private readonly Segments segments;
    private Tensor? places;
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
        segments = new Segments([.. parameters.Select(p => p.Initial.numel())], Values.device);
        gradientViews = new Tensor[parameters.Count];

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

    /// <summary>What is gathered over many steps is kept in this: in bf16 small additions would be lost.</summary>
    internal ScalarType StateType =>
        Values.dtype is ScalarType.BFloat16 or ScalarType.Float16
            ? ScalarType.Float32
            : Values.dtype;

    /// <summary>
    /// Shape (Count), bool: where the value's parameter received a gradient in the last pass, and not in parameters whose
    /// whole gradient is zero. An unused parameter must not decay or drift (method.md 1.4, trap 5), and a flat buffer, unlike
    /// torch's missing <c>grad</c>, does not tell it from the others. Read on the device: no synchronisation.
    /// </summary>
    internal Tensor Reached() => segments.Spread(segments.Sum(Gradients.abs()) > 0);

    /// <summary>
    /// Shape (Count): a parameter's number in all its places, 1 in those of parameters without one. The caller disposes it.
    /// </summary>
    internal Tensor Spread(IReadOnlyDictionary<string, double> byName)
    {
        if (byName.Keys.FirstOrDefault(name => !views.ContainsKey(name)) is { } unknown)
            throw new ArgumentException($"{unknown} is no parameter.", nameof(byName));
        using var scope = NewDisposeScope();
        var numbers = Names.Select(name =>
            byName.TryGetValue(name, out var number) ? Guard.NotNegative(number) : 1
        );
        return segments
            .Spread(tensor([.. numbers], Values.dtype, Values.device))
            .MoveToOuterDisposeScope();
    }

    /// <summary>Shape (Count), int64: the counters that noise is made of, apart in every value, tied to name and index.</summary>
    internal Tensor Places => places ??= Counters();

    /// <summary>
    /// Keeps a copy of the values until the result is disposed, then copies it back: bit for bit, where adding and then
    /// subtracting a displacement would leave rounding behind.
    /// </summary>
    /// <exception cref="InvalidOperationException">the values are displaced already: perturbations do not nest</exception>
    internal IDisposable KeepValues()
    {
        RequireHome();
        kept = Values.clone().DetachFromDisposeScope();
        return new Home(this);
    }

    /// <exception cref="InvalidOperationException">the values are displaced</exception>
    internal void RequireHome()
    {
        if (kept is not null)
            throw new InvalidOperationException(
                "The values are displaced: one step takes one perturbation, and none while averages are in place."
            );
    }

    public void Dispose()
    {
        kept?.Dispose();
        places?.Dispose();
        segments.Dispose();
        foreach (var view in views.Values.Concat(gradientViews))
            view.Dispose();
        Values.Dispose();
        Gradients.Dispose();
    }

    private Tensor Buffer(ScalarType dtype, Device? device) =>
        zeros(Count, dtype, device ?? CPU).DetachFromDisposeScope();

    // SplitMix64 counts in golden-ratio steps; each parameter from a start of its own.
    private Tensor Counters()
    {
        using var scope = NewDisposeScope();
        return cat([
                .. Names.Select(name =>
                    arange(views[name].numel(), ScalarType.Int64, Values.device)
                        .mul_(unchecked((long)Randomness.Step))
                        .add_(unchecked((long)Randomness.Key(name)))
                ),
            ])
            .DetachFromDisposeScope();
    }

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

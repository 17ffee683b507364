using LongTail.Core.Settings;
using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>
/// A base optimizer, plain or under one perturbation. The perturbation changes where the gradient is taken; decay,
/// momentum and the update always see the values where the step began (method.md 1.1).
/// </summary>
public abstract class Optimizer : IDisposable
{
    private readonly Perturbation? perturbation;

    /// <exception cref="ArgumentException">the perturbation moves other parameters</exception>
    private protected Optimizer(FlatParameters parameters, Perturbation? perturbation)
    {
        if (perturbation is not null && !ReferenceEquals(perturbation.Parameters, parameters))
            throw new ArgumentException(
                "The perturbation is of other parameters than the optimizer.",
                nameof(perturbation)
            );
        Parameters = parameters;
        this.perturbation = perturbation;
    }

    public FlatParameters Parameters { get; }

    /// <summary>What a checkpoint keeps beside the values: one flat tensor a name, to be loaded by copying into it.</summary>
    public abstract IReadOnlyDictionary<string, Tensor> State { get; }

    /// <summary>Zeroes the gradients, runs the pass (SAM: twice), restores the values exactly and updates them.</summary>
    /// <returns>The detached loss of the (first) pass: the one tensor that a step leaves in the caller's scope.</returns>
    /// <remarks>
    /// Where a pass throws, nothing is updated and the values are bit-identical to before. A parameter that the pass
    /// gave no gradient (its whole gradient is zero) stays as it is: no decay, no momentum moves it.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">learning rate negative or not finite</exception>
    public Tensor Step(Pass pass, Moment now)
    {
        Guard.NotNegative(now.LearningRate);
        using var scope = NewDisposeScope();
        Parameters.ZeroGradients();
        var loss = perturbation?.Gradient(pass, now) ?? pass.Run();
        using (no_grad())
            Update(now);
        return loss.MoveToOuterDisposeScope();
    }

    /// <summary>The optimizer that the settings describe; its noise is keyed by the run's seed.</summary>
    public static Optimizer Create(OptimizerSettings settings, FlatParameters parameters, long seed)
    {
        Perturbation? perturbation = settings.Perturbation switch
        {
            null => null,
            SamSettings sam => new Sam(parameters, sam.Rho),
            GnmSettings gnm => new Gnm(
                parameters,
                gnm.Radius,
                gnm.HalveEvery,
                gnm.Literal,
                Gnm.Drawn(seed, parameters)
            ),
            var other => throw new NotSupportedException($"No perturbation for {other}."),
        };
        return settings.Base switch
        {
            SgdSettings sgd => new Sgd(parameters, sgd.Momentum, sgd.WeightDecay, perturbation),
            AdamWSettings adamW => new AdamW(parameters, adamW.WeightDecay, perturbation),
            var other => throw new NotSupportedException($"No optimizer for {other}."),
        };
    }

    public void Dispose()
    {
        perturbation?.Dispose();
        foreach (var tensor in State.Values)
            tensor.Dispose();
    }

    /// <summary>Moves the values by the gradients; called without a graph and inside a dispose scope.</summary>
    private protected abstract void Update(Moment now);
}

using LongTail.Core.Settings;
using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>
/// A base optimizer, plain or under one perturbation. The perturbation changes where the gradient is taken; clipping, decay,
/// momentum and the update always see the values where the step began (method.md 1.1).
/// </summary>
public sealed class Optimizer : IDisposable
{
    private readonly BaseOptimizer rule;
    private readonly Perturbation? perturbation;
    private readonly double? clipNorm;
    private readonly Tensor? rateFactors;
    private readonly Tensor skipped;

    /// <summary>Owns what it is given: rule and perturbation are disposed with it.</summary>
    /// <param name="clipNorm">L2 norm to which a longer gradient is shortened, all values together; null shortens none.</param>
    /// <param name="averageDecay">Decay of <see cref="Average"/>; null keeps none.</param>
    /// <param name="rateFactors">What the learning rate is multiplied by for parameters of these names.</param>
    /// <exception cref="ArgumentException">the perturbation moves other parameters, or a name is of none</exception>
    /// <exception cref="ArgumentOutOfRangeException">clipNorm not positive, averageDecay outside (0, 1), a factor negative</exception>
    public Optimizer(
        BaseOptimizer rule,
        Perturbation? perturbation = null,
        double? clipNorm = null,
        double? averageDecay = null,
        IReadOnlyDictionary<string, double>? rateFactors = null
    )
    {
        if (perturbation is not null && !ReferenceEquals(perturbation.Parameters, rule.Parameters))
            throw new ArgumentException(
                "The perturbation is of other parameters than the optimizer.",
                nameof(perturbation)
            );
        this.rule = rule;
        this.perturbation = perturbation;
        this.clipNorm = clipNorm is { } limit ? Guard.Positive(limit) : null;
        this.rateFactors = rateFactors is null
            ? null
            : Parameters.Spread(rateFactors).DetachFromDisposeScope();
        Average = averageDecay is { } decay ? new MovingAverage(Parameters, decay) : null;
        skipped = zeros([1], ScalarType.Float64, Parameters.Values.device).DetachFromDisposeScope();

        var state = new Dictionary<string, Tensor>(rule.State) { ["skipped_steps"] = skipped };
        if (Average is not null)
            state["average"] = Average.Values;
        State = state;
    }

    public FlatParameters Parameters => rule.Parameters;

    /// <summary>What a checkpoint keeps beside the values: one flat tensor a name, to be loaded by copying into it.</summary>
    public IReadOnlyDictionary<string, Tensor> State { get; }

    /// <summary>The moving average of the values; null without one.</summary>
    public MovingAverage? Average { get; }

    /// <summary>Steps that moved nothing because their gradient was not finite. Waits for the device.</summary>
    public double SkippedSteps => skipped.item<double>();

    /// <summary>Zeroes the gradients, runs the pass (SAM: twice), restores the values exactly and updates them.</summary>
    /// <returns>The detached loss of the (first) pass: the one tensor that a step leaves in the caller's scope.</returns>
    /// <remarks>
    /// Where a pass throws, nothing is updated and the values are bit-identical to before. A parameter that the pass
    /// gave no gradient (its whole gradient is zero) stays as it is: no decay, no momentum moves it. A gradient whose norm
    /// is not finite counts as zero, so that every value stays, and as a skipped step.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">learning rate negative or not finite</exception>
    /// <exception cref="InvalidOperationException">the values are displaced: another step's pass, or the averages in place</exception>
    public Tensor Step(Pass pass, Moment now)
    {
        Guard.NotNegative(now.LearningRate);
        Parameters.RequireHome();
        using var scope = NewDisposeScope();
        if (now.Step == 0)
            Average?.Start();
        Parameters.ZeroGradients();
        var loss = perturbation?.Gradient(pass, now) ?? pass.Run();
        using (no_grad())
        {
            Tame(Parameters.Gradients);
            Update(now);
            Average?.Follow();
        }
        return loss.MoveToOuterDisposeScope();
    }

    /// <summary>The optimizer that the settings describe; its noise is keyed by the run's seed.</summary>
    /// <param name="classCounts">Training images of each class, for perturbations that look at them.</param>
    /// <param name="groupOf">The group of the parameter of a name; null is all alike.</param>
    public static Optimizer Create(
        OptimizerSettings settings,
        FlatParameters parameters,
        long seed,
        IReadOnlyList<int> classCounts,
        Func<string, GroupSettings>? groupOf
    )
    {
        IReadOnlyDictionary<string, double>? Factors(Func<GroupSettings, double> of) =>
            groupOf is null || parameters.Names.All(name => of(groupOf(name)) == 1)
                ? null
                : parameters.Names.ToDictionary(name => name, name => of(groupOf(name)));

        var radii = Factors(group => group.RadiusFactor);
        return new Optimizer(
            settings.Base switch
            {
                SgdSettings s => new Sgd(parameters, s.Momentum, s.WeightDecay, s.Nesterov),
                AdamWSettings s => new AdamW(parameters, s.WeightDecay),
                var other => throw new NotSupportedException($"No optimizer for {other}."),
            },
            settings.Perturbation is { } perturbation
                ? Perturbation.Create(perturbation, parameters, seed, classCounts, radii)
                : null,
            settings.ClipNorm,
            settings.AverageDecay,
            Factors(group => group.RateFactor)
        );
    }

    public void Dispose()
    {
        perturbation?.Dispose();
        rule.Dispose();
        Average?.Dispose();
        rateFactors?.Dispose();
        skipped.Dispose();
    }

    // On the device alone: asking the host whether a gradient is finite would make every step wait for it.
    private void Tame(Tensor gradients)
    {
        var norm = gradients.norm();
        if (clipNorm is { } limit)
            gradients.div_(norm.div(limit).clamp_min(1));
        var lost = norm.isfinite().logical_not();
        gradients.masked_fill_(lost, 0);
        skipped.add_(lost);
    }

    private void Update(Moment now)
    {
        var values = Parameters.Values;
        var reached = Parameters.Reached();
        var direction = rule.Direction(reached, now);
        if (rateFactors is not null)
            direction = direction * rateFactors;
        var moved = values.add(direction, -now.LearningRate).to(values.dtype);
        values.copy_(moved.where(reached, values));
    }
}

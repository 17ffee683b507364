using LongTail.Core.Optimizers;
using LongTail.Core.Settings;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace LongTail.Core.Models;

/// <summary>
/// Backbone, deep prompts and head; what the tuning mode trains lies in <see cref="Parameters"/>, the rest is frozen and
/// records nothing for the backward pass.
/// </summary>
public sealed class Classifier : IDisposable
{
    public const string Prompts = "prompts";
    public const string HeadWeight = "head.weight";
    public const string HeadBias = "head.bias";
    private const double InitialDeviation = 0.02;

    private readonly ModelSettings settings;
    private readonly bool everything;
    private readonly ScalarType type;
    private readonly Dictionary<string, Tensor> frozen = [];
    private readonly VisionTransformer transformer;
    private readonly Func<string, Tensor> value;

    /// <summary>Builds the model with its initial values, keyed by the seed.</summary>
    /// <exception cref="InputException">The backbone's file cannot be used.</exception>
    public Classifier(ModelSettings settings, int classes, long seed, Device device)
        : this(settings, BackboneOf(settings.Backbone, seed, device), classes, seed, device) { }

    public Classifier(
        ModelSettings settings,
        Backbone backbone,
        int classes,
        long seed,
        Device device
    )
    {
        this.settings = settings;
        using var scope = NewDisposeScope();
        var own = Initial(backbone.Architecture.Shape, classes, seed);
        var trained = settings.Tuning switch
        {
            Tuning.HeadOnly => own.Where(p => p.Name != Prompts),
            Tuning.Everything => own.Concat(
                BackboneLayout.Of(backbone.Architecture).Select(p => (p.Name, backbone[p.Name]))
            ),
            _ => own,
        };
        Parameters = new FlatParameters([.. trained], device);
        foreach (var (name, value) in own.Where(p => !Parameters.Names.Contains(p.Name)))
            frozen[name] = value.to(device).DetachFromDisposeScope();
        everything = settings.Tuning == Tuning.Everything;
        value = name => everything ? Parameters[name] : backbone[name];
        var computed = backbone.In(settings.Precision);
        type =
            everything && settings.Precision == Precision.BFloat16
                ? ScalarType.BFloat16
                : computed.Type;
        transformer = new VisionTransformer(
            backbone.Architecture,
            name => everything ? Computed(Parameters[name]) : computed[name],
            everything ? null : computed.Frozen
        );
    }

    /// <summary>What is trained: prompts (Depth, P, Width), head (C, Width), and in mode Everything the backbone.</summary>
    public FlatParameters Parameters { get; }

    public VisionTransformerShape Shape => transformer.Architecture.Shape;

    /// <summary>
    /// Images (B, 3, S, S) as every pass over them begins: with the frozen backbone's embedding, which no step moves; as they
    /// are where it is trained.
    /// </summary>
    public Tensor Prepare(Tensor images)
    {
        if (everything)
            return images;
        using var scope = NewDisposeScope();
        return transformer.Embed(Computed(images)).MoveToOuterDisposeScope();
    }

    /// <summary>Images (B, 3, S, S) to features (B, Width), float32.</summary>
    public Tensor Features(Tensor images)
    {
        using var scope = NewDisposeScope();
        return FeaturesOf(Prepare(images)).MoveToOuterDisposeScope();
    }

    /// <summary>Images (B, 3, S, S) to the head's outputs (B, C): logits, or cosines in [-1, 1] without a scale.</summary>
    public Tensor Outputs(Tensor images)
    {
        using var scope = NewDisposeScope();
        return OutputsOf(Prepare(images)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc cref="Outputs"/>
    /// <param name="prepared">What <see cref="Prepare"/> made of the images.</param>
    /// <param name="factors">(B, Width), multiplied with the features before the head: dropout's; null leaves them.</param>
    public Tensor OutputsOf(Tensor prepared, Tensor? factors = null)
    {
        using var scope = NewDisposeScope();
        var features = FeaturesOf(prepared);
        return Head(factors is null ? features : features * factors).MoveToOuterDisposeScope();
    }

    /// <summary>The group of the trained parameter of this name.</summary>
    public static GroupSettings GroupOf(string name, ParameterGroups groups) =>
        name switch
        {
            Prompts => groups.Prompts,
            HeadWeight or HeadBias => groups.Head,
            _ => groups.Backbone,
        };

    /// <summary>Sets the head to the unit-length class means of features that the caller gathered: (C, Width).</summary>
    public void StartHeadFrom(Tensor classMeans)
    {
        using var scope = NewDisposeScope();
        using (no_grad())
            Own(HeadWeight).copy_(F.normalize(classMeans));
    }

    /// <summary>Writes the backbone as it now is, trained or frozen, with a card of what it is.</summary>
    public void SaveBackbone(string file, IReadOnlyDictionary<string, string> card) =>
        Backbone.Save(file, transformer.Architecture, value, card);

    public void Dispose()
    {
        Parameters.Dispose();
        foreach (var tensor in frozen.Values)
            tensor.Dispose();
    }

    private Tensor FeaturesOf(Tensor prepared)
    {
        using var scope = NewDisposeScope();
        var prompts = settings.PromptLength > 0 ? Computed(Own(Prompts)) : null;
        return transformer
            .FeaturesOf(
                everything ? transformer.Embed(Computed(prepared)) : prepared,
                prompts,
                settings.Readout
            )
            .to(ScalarType.Float32)
            .MoveToOuterDisposeScope();
    }

    private Tensor Head(Tensor features) =>
        settings.Head == HeadKind.Cosine
            ? HeadProduct.Of(F.normalize(features), F.normalize(Own(HeadWeight)))
            : HeadProduct.Of(features, Own(HeadWeight)) + Own(HeadBias);

    private Tensor Computed(Tensor stored) => stored.dtype == type ? stored : stored.to(type);

    private Tensor Own(string name) =>
        frozen.TryGetValue(name, out var value) ? value : Parameters[name];

    private static Backbone BackboneOf(BackboneSettings settings, long seed, Device device) =>
        settings switch
        {
            PretrainedBackbone file => Backbone.Load(file, device),
            DrawnBackbone drawn => Backbone.Draw(drawn.Shape, device, seed),
            _ => throw new NotSupportedException($"No backbone for {settings}."),
        };

    // Prompts and head as published: normal with deviation 0.02; the linear head's bias as torch.nn.Linear draws it.
    private List<(string Name, Tensor Initial)> Initial(
        VisionTransformerShape shape,
        int classes,
        long seed
    )
    {
        var own = new List<(string, Tensor)>();
        if (settings.PromptLength > 0)
            own.Add((Prompts, Drawn(1, shape.Depth, settings.PromptLength, shape.Width)));
        own.Add((HeadWeight, Drawn(2, classes, shape.Width)));
        if (settings.Head == HeadKind.Linear)
        {
            using var stream = Randomness.Stream(seed, Purpose.Initial, 3);
            var bound = 1 / Math.Sqrt(shape.Width);
            own.Add((HeadBias, empty([classes]).uniform_(-bound, bound, stream)));
        }
        return own;

        Tensor Drawn(long step, params long[] sizes)
        {
            using var stream = Randomness.Stream(seed, Purpose.Initial, step);
            return empty(sizes).normal_(0, InitialDeviation, stream);
        }
    }
}

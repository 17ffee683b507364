using System.Collections.Concurrent;
using LongTail.Core.Files;
using LongTail.Core.Settings;
using static TorchSharp.torch;

namespace LongTail.Core.Models;

/// <summary>The values of a Vision Transformer under timm's names, on one device. Frozen, so every run may share them.</summary>
public sealed class Backbone
{
    private static readonly ConcurrentDictionary<
        (PretrainedBackbone, string),
        Lazy<Backbone>
    > Loaded = [];
    private readonly IReadOnlyDictionary<string, Tensor> tensors;
    private readonly Lazy<FrozenBlocks?> frozen;
    private readonly Lazy<Backbone> brief;

    private Backbone(
        Architecture architecture,
        IReadOnlyDictionary<string, Tensor> tensors,
        Precision? wanted = Precision.Float32
    )
    {
        (Architecture, this.tensors) = (architecture, tensors);
        var native = FrozenBlock.RunsOn(Device) ? wanted : null;
        brief = new(() =>
            native is not null
                ? new Backbone(architecture, tensors, Precision.BFloat16)
                : new Backbone(architecture, Brief(), wanted: null)
        );
        frozen = new(() =>
            native is { } precision
                ? new FrozenBlocks([
                    .. Enumerable
                        .Range(0, architecture.Shape.Depth)
                        .Select(i =>
                            FrozenBlock.Of(
                                architecture,
                                name => tensors[$"blocks.{i}.{name}"],
                                precision
                            )
                        ),
                ])
                : null
        );
    }

    public Architecture Architecture { get; }

    public Tensor this[string name] => tensors[name];

    /// <summary>What enters the blocks, images and prompts, is of this type.</summary>
    public ScalarType Type => tensors["cls_token"].dtype;

    /// <summary>The same values, every block computed by libtorch's own operators: what the native one is measured against.</summary>
    public Backbone Plain => new(Architecture, tensors, wanted: null);

    /// <summary>
    /// The same values as a run computes with them; float32 unless its precision is another. Native blocks in bfloat16 round
    /// what their products multiply and nothing else; libtorch's operators store every value so.
    /// </summary>
    public Backbone In(Precision precision) => precision == Precision.Float32 ? this : brief.Value;

    /// <summary>All blocks for the kernels, packed at the first call; null where libtorch's own operators compute them.</summary>
    public FrozenBlocks? Frozen => frozen.Value;

    /// <summary>Reads a file of weights (<see cref="WeightsFile"/>). Once a process for a file's content.</summary>
    /// <exception cref="InputException">The file is missing, no safetensors, no Vision Transformer, or tells otherwise than the settings.</exception>
    public static Backbone Load(PretrainedBackbone source, Device device)
    {
        var key = (source with { File = "" }, device.ToString());
        var entry = Loaded.GetOrAdd(key, _ => new(() => Read(source, device)));
        try
        {
            return entry.Value;
        }
        catch
        {
            Loaded.TryRemove(key, out var _);
            throw;
        }
    }

    private Device Device => tensors["cls_token"].device;

    private Dictionary<string, Tensor> Brief()
    {
        using var scope = NewDisposeScope();
        var values = tensors.ToDictionary(
            pair => pair.Key,
            pair => pair.Value.to(ScalarType.BFloat16).DetachFromDisposeScope()
        );
        return values;
    }

    /// <summary>Draws what is to be trained from scratch: weights from a normal with deviation 0.02, biases zero.</summary>
    public static Backbone Draw(VisionTransformerShape shape, Device device, long seed)
    {
        using var scope = NewDisposeScope();
        using var stream = Randomness.Stream(seed, Purpose.Initial, 0);
        var architecture = new Architecture(shape);
        var tensors = BackboneLayout
            .Of(architecture)
            .ToDictionary(
                p => p.Name,
                p => Initial(p.Name, p.Shape, stream).to(device).DetachFromDisposeScope()
            );
        return new Backbone(architecture, tensors);
    }

    /// <summary>Writes the tensors under timm's names, and beside the card what they alone cannot tell.</summary>
    public static void Save(
        string file,
        Architecture architecture,
        Func<string, Tensor> parameter,
        IReadOnlyDictionary<string, string> card
    )
    {
        using var scope = NewDisposeScope();
        var metadata = new Dictionary<string, string>(card)
        {
            ["heads"] = $"{architecture.Shape.Heads}",
        };
        if (architecture.NormBefore || architecture.Activation != Activation.Gelu)
            metadata["activation"] = WeightsFile.Word(architecture.Activation);
        if (architecture.Pooling == Pooling.NormThenAverage)
            metadata["pooling"] = WeightsFile.Average;
        Safetensors.Write(
            file,
            BackboneLayout
                .Of(architecture)
                .ToDictionary(p => p.Name, p => parameter(p.Name).detach().cpu()),
            metadata
        );
    }

    private static Backbone Read(PretrainedBackbone source, Device device)
    {
        using var scope = NewDisposeScope();
        using var file = WeightsFile.Open(source.File);
        var architecture = file.Architecture(source);
        var tensors = BackboneLayout
            .Of(architecture)
            .ToDictionary(
                p => p.Name,
                p => file.Read(p.Name, p.Shape).to(device).DetachFromDisposeScope()
            );
        return new Backbone(architecture, tensors);
    }

    private static Tensor Initial(string name, long[] sizes, Generator stream)
    {
        if (name.EndsWith(".bias", StringComparison.Ordinal))
            return zeros(sizes);
        return name.Contains("norm", StringComparison.Ordinal)
            ? ones(sizes)
            : empty(sizes).normal_(0, 0.02, stream);
    }
}

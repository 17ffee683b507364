using System.Collections.Concurrent;
using LongTail.Core.Files;
using LongTail.Core.Settings;
using static TorchSharp.torch;

namespace LongTail.Core.Models;

/// <summary>The values of a Vision Transformer under timm's names, on one device. Frozen, so every run may share them.</summary>
public sealed class Backbone
{
    private static readonly ConcurrentDictionary<(string, string), Lazy<Backbone>> Loaded = [];
    private readonly IReadOnlyDictionary<string, Tensor> tensors;

    private Backbone(Architecture architecture, IReadOnlyDictionary<string, Tensor> tensors) =>
        (Architecture, this.tensors) = (architecture, tensors);

    public Architecture Architecture { get; }

    public Tensor this[string name] => tensors[name];

    /// <summary>Reads a safetensors file of timm names; a head in it is left out. Once a process for a file's content.</summary>
    /// <exception cref="InputException">The file is missing, no safetensors, or no Vision Transformer.</exception>
    public static Backbone Load(PretrainedBackbone source, Device device)
    {
        var key = (source.ContentHash, device.ToString());
        var entry = Loaded.GetOrAdd(key, _ => new(() => Read(source.File, device)));
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

    /// <summary>Writes tensors of these names with what the shape alone cannot tell (the number of heads).</summary>
    public static void Save(
        string file,
        Architecture architecture,
        Func<string, Tensor> parameter,
        IReadOnlyDictionary<string, string> card
    )
    {
        using var scope = NewDisposeScope();
        Safetensors.Write(
            file,
            BackboneLayout
                .Of(architecture)
                .ToDictionary(p => p.Name, p => parameter(p.Name).detach().cpu()),
            new Dictionary<string, string>(card) { ["heads"] = $"{architecture.Shape.Heads}" }
        );
    }

    /// <summary>The sizes that a file's tensors tell; heads from its metadata, else the usual 64 channels each.</summary>
    /// <exception cref="InputException">The file is missing, no safetensors, or no Vision Transformer.</exception>
    public static VisionTransformerShape ShapeOf(string file)
    {
        using var read = Safetensors.Read(file);
        return ShapeOf(read);
    }

    private static Backbone Read(string file, Device device)
    {
        using var scope = NewDisposeScope();
        using var read = Safetensors.Read(file);
        var architecture = new Architecture(ShapeOf(read));
        var tensors = BackboneLayout
            .Of(architecture)
            .ToDictionary(
                p => p.Name,
                p => read[p.Name].to(ScalarType.Float32, device).DetachFromDisposeScope()
            );
        return new Backbone(architecture, tensors);
    }

    private static VisionTransformerShape ShapeOf(Safetensors file)
    {
        var patch = Sizes("patch_embed.proj.weight", 4);
        var positions = Sizes("pos_embed", 3)[1] - 1;
        var grid = (long)Math.Sqrt(positions);
        var width = patch[0];
        var heads = file.Metadata.TryGetValue("heads", out var text) ? Number(text) : width / 64;
        var depth = file
            .Tensors.Select(t => t.Name.Split('.'))
            .Where(parts => parts is ["blocks", ..])
            .Select(parts => parts[1])
            .Distinct()
            .Count();
        if (
            patch[3] < 1
            || grid < 1
            || grid * grid != positions
            || depth < 1
            || heads < 1
            || width % heads != 0
        )
            throw NoTransformer(
                $"{positions} patch positions, {depth} blocks, {heads} heads on width {width}"
            );
        var shape = new VisionTransformerShape(
            (int)(grid * patch[3]),
            (int)patch[3],
            (int)width,
            depth,
            (int)heads
        );
        file.Require(
            [.. BackboneLayout.Of(new(shape))],
            name => name is "head.weight" or "head.bias"
        );
        return shape;

        long[] Sizes(string name, int dimensions) =>
            file.Tensors.FirstOrDefault(t => t.Name == name) is { } tensor
            && tensor.Shape.Count == dimensions
                ? [.. tensor.Shape]
                : throw NoTransformer($"no tensor {name} with {dimensions} dimensions");

        long Number(string text) =>
            long.TryParse(text, out var number)
                ? number
                : throw NoTransformer($"metadata heads = '{text}'");

        InputException NoTransformer(string why) =>
            new(
                $"{file.Path} holds no Vision Transformer under timm's names ({why}): give a file such as timm's vit_base_patch16_224"
            );
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

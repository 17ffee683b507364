using LongTail.Core.Files;
using LongTail.Core.Settings;
using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Models;

/// <summary>
/// A safetensors file of a Vision Transformer's values, read under timm's names whatever the file's own are. Heads,
/// poolers and CLIP's text tower are left out. Numbers of any precision are given as float32.
/// </summary>
public sealed class WeightsFile : IDisposable
{
    // transformers' words, in our files' metadata too.
    private static readonly Dictionary<string, Activation> activations = new()
    {
        ["gelu"] = Activation.Gelu,
        ["quick_gelu"] = Activation.QuickGelu,
    };

    private static readonly ScalarType[] floating =
    [
        ScalarType.Float16,
        ScalarType.BFloat16,
        ScalarType.Float32,
        ScalarType.Float64,
    ];

    private readonly Safetensors file;
    private readonly WeightNames names;
    private readonly Architecture architecture;

    private WeightsFile(Safetensors file)
    {
        this.file = file;
        string[] all = [.. file.Tensors.Select(tensor => tensor.Name)];
        names =
            WeightNames.Of(all)
            ?? throw NoTransformer(
                "no tensor is a projection of patches under a name that is known"
            );
        ToldActivation =
            file.Metadata.TryGetValue("activation", out var word) ? Named(word)
            : Has("norm_pre.weight") ? null
            : Activation.Gelu;
        architecture = new Architecture(Shape(names.Depth(all)))
        {
            PatchBias = Has("patch_embed.proj.bias"),
            ClassPosition = !IsSquare(Positions),
            Registers = Has("reg_token") ? (int)ShapeOf("reg_token", 3)[1] : 0,
            NormBefore = Has("norm_pre.weight"),
            LayerScale = Has("blocks.0.ls1.gamma"),
        };
        file.Require([.. BackboneLayout.Of(architecture).SelectMany(InFile)], names.LeavesOut);
    }

    /// <summary>Whose names the tensors have.</summary>
    public string Names => names.Program;

    public IReadOnlyDictionary<string, string> Metadata => file.Metadata;

    /// <summary>
    /// Null where the file leaves it open: CLIP's visual towers were trained with either, their tensors look the same,
    /// and the wrong one gives features that are merely worse. Metadata "activation" tells it.
    /// </summary>
    public Activation? ToldActivation { get; }

    /// <summary>Sizes from the tensors; heads from the metadata, else the usual 64 channels each.</summary>
    public VisionTransformerShape Sizes => architecture.Shape;

    /// <summary>Whether it is CLIP's visual tower: no other one normalises its tokens before the first block.</summary>
    public bool IsClip => architecture.NormBefore;

    /// <summary>The element types of its tensors.</summary>
    public IEnumerable<string> Precisions =>
        file.Tensors.Select(tensor => TensorEntry.NameOf(tensor.Type)).Distinct().Order();

    /// <summary>What it computes otherwise than a plain Vision Transformer, in words.</summary>
    public string Variant
    {
        get
        {
            (bool Is, string Words)[] differences =
            [
                (architecture.NormBefore, "a norm before the first block"),
                (ToldActivation is null, "GELU or quick GELU"),
                (ToldActivation is Activation.QuickGelu, "quick GELU"),
                (!architecture.PatchBias, "no bias of the patches"),
                (!architecture.ClassPosition, "no position of the class token"),
                (architecture.Registers > 0, $"{architecture.Registers} registers"),
                (architecture.LayerScale, "layer scale"),
            ];
            string[] words = [.. differences.Where(d => d.Is).Select(d => d.Words)];
            return words.Length == 0 ? "a plain ViT" : $"a ViT with {string.Join(", ", words)}";
        }
    }

    /// <exception cref="InputException">The file is missing, no safetensors, or no Vision Transformer: one line says why.</exception>
    public static WeightsFile Open(string path)
    {
        var file = Safetensors.Read(path);
        try
        {
            return new WeightsFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>What the file's values are of.</summary>
    /// <param name="declared">The activation as the experiment says it, where the file leaves it open.</param>
    /// <exception cref="InputException">Nobody tells the activation.</exception>
    public Architecture Architecture(Activation? declared) =>
        architecture with
        {
            Activation =
                ToldActivation
                ?? declared
                ?? throw new InputException(
                    $"{file.Path} is CLIP's visual tower and does not tell its activation: declare it"
                ),
        };

    /// <summary>The values of a name of <see cref="BackboneLayout"/>, in its shape, float32.</summary>
    public Tensor Read(string name, long[] shape)
    {
        using var scope = NewDisposeScope();
        var parts = names.InFile(name).Select(part => file[part].to(ScalarType.Float32)).ToArray();
        return cat(parts, 0).reshape(shape).MoveToOuterDisposeScope();
    }

    /// <summary>An activation as metadata tells it.</summary>
    internal static string Word(Activation activation) =>
        activations.First(pair => pair.Value == activation).Key;

    public void Dispose() => file.Dispose();

    private long Positions => ShapeOf("pos_embed", 2, 3)[^2];

    private VisionTransformerShape Shape(int depth)
    {
        var patch = ShapeOf("patch_embed.proj.weight", 4);
        var (width, side) = (patch[0], patch[3]);
        var patches = IsSquare(Positions) ? Positions : Positions - 1;
        var heads = file.Metadata.TryGetValue("heads", out var text) ? Number(text) : width / 64;
        if (!IsSquare(patches))
            throw NoTransformer(
                $"{Positions} positions are no square of patches, with or without the class token's; distilled ones have one more and are not read"
            );
        if (side < 1 || depth < 1 || heads < 1 || width % heads != 0)
            throw NoTransformer(
                $"{depth} blocks, {heads} heads on width {width}, patches of {side} pixels"
            );
        return new((int)(Math.Sqrt(patches) * side), (int)side, (int)width, depth, (int)heads);
    }

    private bool Has(string name) =>
        names.InFile(name) is [var first, ..] && file.Tensors.Any(tensor => tensor.Name == first);

    private long[] ShapeOf(string name, params int[] ranks) =>
        names.InFile(name) is [var one]
        && file.Tensors.FirstOrDefault(tensor => tensor.Name == one) is { } tensor
            ? ranks.Contains(tensor.Shape.Count)
                ? [.. tensor.Shape]
                : throw NoTransformer($"{one} is [{string.Join(", ", tensor.Shape)}]")
            : throw NoTransformer($"no tensor {names.InFile(name).FirstOrDefault() ?? name}");

    // transformers' CLIP leaves sizes of 1 in front away.
    private IEnumerable<(string Name, long[] Shape)> InFile((string Name, long[] Shape) tensor)
    {
        var parts = names.InFile(tensor.Name);
        foreach (var part in parts)
        {
            var entry = file.Tensors.FirstOrDefault(entry => entry.Name == part);
            if (entry is not null && !floating.Contains(entry.Type))
                throw NoTransformer($"{part} is {TensorEntry.NameOf(entry.Type)}");
            var shape = tensor.Shape;
            while (shape[0] == 1 && shape.Length > entry?.Shape.Count)
                shape = shape[1..];
            yield return (part, [shape[0] / parts.Length, .. shape[1..]]);
        }
    }

    private static bool IsSquare(long number) =>
        number >= 1 && (long)Math.Sqrt(number) is var root && root * root == number;

    private long Number(string text) =>
        long.TryParse(text, out var number)
            ? number
            : throw NoTransformer($"metadata heads = '{text}'");

    private Activation Named(string word) =>
        activations.TryGetValue(word, out var activation)
            ? activation
            : throw NoTransformer($"metadata activation = '{word}'");

    private InputException NoTransformer(string why) =>
        new(
            $"{file.Path} holds no Vision Transformer as timm and transformers name them ({why}): give a file such as timm's vit_base_patch16_224"
        );
}

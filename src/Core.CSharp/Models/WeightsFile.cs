using System.Globalization;
using LongTail.Core.Files;
using LongTail.Core.Settings;
using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Models;

/// <summary>
/// A Vision Transformer's values in a safetensors file or the shards of one, read under timm's names whatever the file's own
/// are, with what `config.json` and `preprocessor_config.json` beside it tell. Heads, poolers and CLIP's text tower are left
/// out. Numbers of any precision are given as float32.
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

    /// <summary>The metadata's word of average pooling, as timm's.</summary>
    internal const string Average = "avg";

    private readonly SafetensorsSet file;
    private readonly WeightNames names;
    private readonly Architecture architecture;

    private WeightsFile(SafetensorsSet file)
    {
        this.file = file;
        Config = WeightsConfig.Beside(file.Folder);
        ForeignTower.Refuse(file.Path, file.Tensors);
        string[] all = [.. file.Tensors.Select(tensor => tensor.Name)];
        names =
            WeightNames.Of(all)
            ?? throw NoTransformer(
                "no tensor is a projection of patches under a name that is known"
            );
        ToldActivation =
            Agreed("activation", Told("activation", Named), Config.Activation)
            ?? (Has("norm_pre.weight") ? null : Activation.Gelu);
        var shape = Shape(names.Depth(all));
        ToldHeads = Agreed("heads", Told("heads", Number), Config.Heads);
        UnreadHeads = ToldHeads is null ? file.Metadata.GetValueOrDefault("heads") : null;
        if (ToldHeads is { } heads && shape.Width % heads != 0)
            throw new InputException(
                $"{file.Path}, or config.json beside it, tells {heads} heads, which do not divide its width {shape.Width}: correct that, or give another file"
            );
        Statistics = Config.Statistics ?? Statistic();
        architecture = new Architecture(shape)
        {
            PatchBias = Has("patch_embed.proj.bias"),
            ClassPosition = !IsSquare(Positions),
            Registers = Has("reg_token") ? (int)ShapeOf("reg_token", 3)[1] : 0,
            NormBefore = Has("norm_pre.weight"),
            LayerScale = Has("blocks.0.ls1.gamma"),
            Pooling = Pooled(),
        };
        // A file that tells another number, in whatever words, need not be the published model.
        PublishedHeads = UnreadHeads is null
            ? Models.PublishedHeads.Of(shape.Width, shape.Depth, architecture.LayerScale, Name)
            : null;
        RequireSizes();
        file.Require([.. BackboneLayout.Of(architecture).SelectMany(InFile)], names.LeavesOut);
        RequireFinite();
    }

    /// <summary>What the files beside it tell.</summary>
    public WeightsConfig Config { get; }

    /// <summary>The file, or the index of its shards.</summary>
    public string Path => file.Path;

    /// <summary>The model's name as its config.json tells it, else the file's, or its folder's where the file is "model".</summary>
    public string Name =>
        Config.Name
        ?? (
            System.IO.Path.GetFileName(file.Path) is var own
            && own.StartsWith("model.safetensors", StringComparison.Ordinal)
                ? System.IO.Path.GetFileName(file.Folder)
                : own
        );

    /// <inheritdoc cref="SafetensorsSet.ContentHash"/>
    public string ContentHash => file.ContentHash;

    /// <summary>Bytes of its file, or of all shards.</summary>
    public long Length => file.Length;

    /// <summary>Attention heads as metadata or config.json tell them, which the tensors do not; null where neither does.</summary>
    public int? ToldHeads { get; }

    /// <summary>What metadata say of the heads where that is no number of them and config.json does not tell it; else null.</summary>
    public string? UnreadHeads { get; }

    /// <summary>Attention heads of the published models of these sizes, where they have but one number, or this name tells.</summary>
    public int? PublishedHeads { get; }

    /// <summary>Whose names the tensors have.</summary>
    public string Names => names.Program;

    public IReadOnlyDictionary<string, string> Metadata => file.Metadata;

    /// <summary>
    /// Null where the file leaves it open: CLIP's visual towers were trained with either, their tensors look the same,
    /// and the wrong one gives features that are merely worse. Metadata "activation" or config.json tells it.
    /// </summary>
    public Activation? ToldActivation { get; }

    /// <summary>Of the pixels in [0, 1] that it was trained with, by the files beside it or its metadata.</summary>
    public (Rgb Mean, Rgb Deviation)? Statistics { get; }

    /// <summary>Side in pixels that the position embedding was made for.</summary>
    public int InputSide => architecture.Shape.InputSide;

    /// <summary>Side of a patch in pixels.</summary>
    public int PatchSize => architecture.Shape.PatchSize;

    /// <summary>Channels of a token.</summary>
    public int Width => architecture.Shape.Width;

    /// <summary>Number of blocks.</summary>
    public int Depth => architecture.Shape.Depth;

    /// <summary>What its features are made of: metadata, fc_norm, or config.json tell an average, else the class token.</summary>
    public Pooling Pooling => architecture.Pooling;

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
                (architecture.Pooling != Pooling.ClassToken, "the mean of its patches as features"),
            ];
            string[] words = [.. differences.Where(d => d.Is).Select(d => d.Words)];
            return words.Length == 0 ? "a plain ViT" : $"a ViT with {string.Join(", ", words)}";
        }
    }

    /// <param name="path">A file, an index of shards, or a folder that holds either.</param>
    /// <exception cref="InputException">
    /// The file is missing, no safetensors, or no Vision Transformer that is computed here; holds NaN or infinity; or what lies
    /// beside it contradicts it: one line says why.
    /// </exception>
    public static WeightsFile Open(string path)
    {
        var file = SafetensorsSet.Open(path);
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

    /// <summary>What the file's values are of, with what the settings add.</summary>
    /// <exception cref="InputException">The settings contradict the file.</exception>
    public Architecture Architecture(PretrainedBackbone settings) =>
        (ToldHeads ?? settings.Heads) == settings.Heads
        && (ToldActivation ?? settings.Activation) == settings.Activation
        && Pooling == settings.Pooling
            ? architecture with
            {
                Shape = architecture.Shape with { Heads = settings.Heads },
                Activation = settings.Activation,
            }
            : throw new InputException(
                $"{file.Path}, or what lies beside it, tells otherwise than the run's {settings.Heads} heads, {settings.Activation} and {settings.Pooling}: it has changed"
            );

    /// <summary>The values of a name of <see cref="BackboneLayout"/>, in its shape, float32.</summary>
    public Tensor Read(string name, long[] shape)
    {
        using var scope = NewDisposeScope();
        var parts = names.InFile(name).Select(part => file[part].to(ScalarType.Float32)).ToArray();
        return cat(parts, 0).reshape(shape).MoveToOuterDisposeScope();
    }

    /// <summary>Null where no activation that is computed here has this name.</summary>
    internal static Activation? ActivationOf(string word) =>
        activations.TryGetValue(word, out var activation) ? activation : null;

    /// <summary>An activation as metadata tells it.</summary>
    internal static string Word(Activation activation) =>
        activations.First(pair => pair.Value == activation).Key;

    /// <summary>Pixel statistics as metadata tell them.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> Statistic(Rgb mean, Rgb deviation)
    {
        static string Text(Rgb rgb) =>
            string.Create(CultureInfo.InvariantCulture, $"{rgb.Red} {rgb.Green} {rgb.Blue}");
        return [new("mean", Text(mean)), new("std", Text(deviation))];
    }

    public void Dispose() => file.Dispose();

    private long Positions => ShapeOf("pos_embed", 2, 3)[^2];

    private VisionTransformerShape Shape(int depth)
    {
        var patch = ShapeOf("patch_embed.proj.weight", 4);
        var (width, side) = (patch[0], patch[3]);
        var patches = IsSquare(Positions) ? Positions : Positions - 1;
        if (!IsSquare(patches))
            throw NoTransformer(
                $"{Positions} positions are no square of patches, with or without the class token's; distilled ones have one more and are not read"
            );
        if (side < 1 || depth < 1 || width < 1)
            throw NoTransformer($"{depth} blocks of width {width}, patches of {side} pixels");
        // The layout of the tensors does not hang on the heads.
        return new((int)(Math.Sqrt(patches) * side), (int)side, (int)width, depth, Heads: 1);
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

    private Pooling Pooled()
    {
        var told = Agreed("pooling", Told("pooling", Averaged), Config.Average);
        return (Has("fc_norm.weight"), told) switch
        {
            (true, false) => throw NoTransformer(
                "fc_norm normalises the mean of the patches, and config.json tells global_pool = token"
            ),
            (true, _) => Pooling.AverageThenNorm,
            (false, true) => Pooling.NormThenAverage,
            _ => Pooling.ClassToken,
        };
    }

    private void RequireSizes()
    {
        foreach (var (told, width) in Config.Widths)
            Require(told, width == Width, $"width {Width}");
        foreach (var (told, depth) in Config.Depths)
            Require(told, depth == Depth, $"{Depth} blocks");

        void Require(string told, bool same, string own)
        {
            if (!same)
                throw new InputException(
                    $"{told}, and {file.Path} has {own}: give each model a folder of its own"
                );
        }
    }

    private void RequireFinite()
    {
        foreach (var tensor in file.Tensors.Where(tensor => floating.Contains(tensor.Type)))
            if (!file.IsFinite(tensor.Name))
                throw new InputException(
                    $"{file.Path}: tensor {tensor.Name} holds NaN or infinity: the training that wrote it diverged, or the file is damaged; give another one"
                );
    }

    private T? Told<T>(string name, Func<string, T?> read)
        where T : struct => file.Metadata.TryGetValue(name, out var text) ? read(text) : null;

    private T? Agreed<T>(string what, T? metadata, T? config)
        where T : struct =>
        metadata is { } own && config is { } beside && !own.Equals(beside)
            ? throw new InputException(
                $"{file.Path} tells {what} {own} in its metadata, and config.json beside it {beside}: they are of two models, so give each a folder of its own"
            )
            : metadata ?? config;

    private (Rgb, Rgb)? Statistic() =>
        (Told("mean", Colours), Told("std", Colours)) is ({ } mean, { } deviation)
            ? (mean, deviation)
            : null;

    private Rgb? Colours(string text)
    {
        double[] numbers =
        [
            .. text.Split(' ')
                .Select(word =>
                    double.TryParse(word, CultureInfo.InvariantCulture, out var number)
                        ? number
                        : double.NaN
                ),
        ];
        return numbers is [var red, var green, var blue] && numbers.All(double.IsFinite)
            ? new(red, green, blue)
            : throw Unread("mean or std", text, "three numbers are");
    }

    private static int? Number(string text) =>
        int.TryParse(text, out var number) && number > 0 ? number : null;

    private bool? Averaged(string word) =>
        word == Average ? true : throw Unread("pooling", word, $"{Average} is");

    private Activation? Named(string word) =>
        ActivationOf(word)
        ?? throw Unread("activation", word, $"{string.Join(" and ", activations.Keys)} are");

    private InputException Unread(string name, string text, string known) =>
        new(
            $"{file.Path}: its metadata say {name} = '{text}', and {known} what is read here: correct that, or give another file"
        );

    private InputException NoTransformer(string why) =>
        new(
            $"{file.Path} holds no Vision Transformer as timm and transformers name them ({why}): give a file such as timm's vit_base_patch16_224"
        );
}

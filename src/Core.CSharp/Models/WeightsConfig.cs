using LongTail.Core.Files;
using LongTail.Core.Settings;

namespace LongTail.Core.Models;

/// <summary>
/// What `config.json` and `preprocessor_config.json` beside a file of weights tell of it, as transformers and timm write
/// them; null is not told.
/// </summary>
public sealed record WeightsConfig
{
    private const string File = "config.json";
    private const string Pixels = "preprocessor_config.json";

    /// <summary>timm's name of the model, with the training's where it is told.</summary>
    public string? Name { get; private init; }

    public int? Heads { get; private init; }

    public Activation? Activation { get; private init; }

    /// <summary>Whether the head reads the mean of the patches, not the class token.</summary>
    public bool? Average { get; private init; }

    /// <summary>Of the pixels in [0, 1] that it was trained with.</summary>
    public (Rgb Mean, Rgb Deviation)? Statistics { get; private init; }

    /// <summary>Of the images that it was trained with, in pixels.</summary>
    public int? Side { get; private init; }

    /// <summary>Sizes that the tensors must have, each with the place that tells it.</summary>
    internal IReadOnlyList<(string Told, int Width)> Widths { get; private init; } = [];

    /// <inheritdoc cref="Widths"/>
    internal IReadOnlyList<(string Told, int Depth)> Depths { get; private init; } = [];

    /// <exception cref="InputException">A file is no JSON, a value is of another kind, or it is a model that is not computed here.</exception>
    internal static WeightsConfig Beside(string folder)
    {
        var model = JsonSettings.Read(Path.Combine(folder, File)) is { } read
            ? Model(read)
            : new WeightsConfig();
        return JsonSettings.Read(Path.Combine(folder, Pixels)) is { } pixels
            ? model with
            {
                Statistics = Processed(pixels) ?? model.Statistics,
                Side = Cropped(pixels) ?? model.Side,
            }
            : model;
    }

    private static WeightsConfig Model(JsonSettings root)
    {
        var kind = root.Text("model_type");
        if (kind?.StartsWith("dinov3", StringComparison.Ordinal) == true)
            throw ForeignTower.DinoV3(root.Path);
        if (root.Truth("use_swiglu_ffn") == true)
            throw ForeignTower.SwiGlu(root.Path);
        var vision = root.Object("vision_config") ?? root;
        // timm's older files have no part of this name.
        var timm = root.Object("pretrained_cfg") ?? root;
        var given = root.Object("model_args");
        var architecture = root.Text("architecture");
        return new()
        {
            Name =
                architecture is not null && timm.Text("tag") is { Length: > 0 } tag
                    ? $"{architecture}.{tag}"
                    : architecture,
            Heads = vision.Count("num_attention_heads") ?? given?.Count("num_heads"),
            Activation =
                Named(vision)
                ?? (
                    architecture?.Contains("quickgelu", StringComparison.Ordinal) == true
                        ? Settings.Activation.QuickGelu
                        : null
                ),
            Average = Pooled(given) ?? Pooled(root),
            Statistics = Statistic(timm, "mean", "std"),
            Side =
                timm.Numbers("input_size", 3) is [_, var rows, var columns] && rows == columns
                    ? (int)rows
                    : null,
            Widths = Told(vision, "hidden_size").Concat(Told(root, "num_features")).ToArray(),
            Depths = [.. Told(vision, "num_hidden_layers")],
        };
    }

    private static IEnumerable<(string, int)> Told(JsonSettings settings, string name) =>
        settings.Count(name) is { } size ? [($"{settings.Path}: {name} = {size}", size)] : [];

    private static Activation? Named(JsonSettings settings) =>
        settings.Text("hidden_act") switch
        {
            null => null,
            var word => WeightsFile.ActivationOf(word)
                ?? throw settings.Wrong(
                    "hidden_act",
                    "is not computed here, gelu and quick_gelu are: give another model"
                ),
        };

    private static bool? Pooled(JsonSettings? settings) =>
        settings?.Text("global_pool") switch
        {
            null or "" => null,
            "token" => false,
            "avg" => true,
            _ => throw settings.Wrong(
                "global_pool",
                "is not computed here, token and avg are: give another model"
            ),
        };

    private static (Rgb, Rgb)? Processed(JsonSettings settings) =>
        settings.Truth("do_normalize") == false
            ? (new Rgb(0, 0, 0), new Rgb(1, 1, 1))
            : Statistic(settings, "image_mean", "image_std");

    private static (Rgb, Rgb)? Statistic(JsonSettings settings, string mean, string deviation)
    {
        var (centre, spread) = (settings.Numbers(mean, 3), settings.Numbers(deviation, 3));
        if (spread is not null && spread.Any(value => value <= 0))
            throw settings.Wrong(deviation, "divides pixels: give numbers above 0");
        return centre is [var a, var b, var c] && spread is [var x, var y, var z]
            ? (new Rgb(a, b, c), new Rgb(x, y, z))
            : null;
    }

    private static int? Cropped(JsonSettings settings) =>
        settings.Truth("do_center_crop") != false && settings.Has("crop_size")
            ? Square(settings, "crop_size")
            : Square(settings, "size");

    private static int? Square(JsonSettings settings, string name) =>
        !settings.IsObject(name) ? settings.Count(name)
        : settings.Object(name)! is var size && size.Count("height") == size.Count("width")
            ? size.Count("height")
        : null;
}

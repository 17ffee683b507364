using System.Text.RegularExpressions;

namespace LongTail.Core.Models;

/// <summary>
/// The attention heads of published Vision Transformers, which their tensors do not show: of sizes that were published
/// with one number of heads only, or under names that tell it.
/// </summary>
public static partial class PublishedHeads
{
    // ViT, DeiT, DeiT III, DINO, DINOv2, MAE, and CLIP's visual towers.
    private static readonly (int Width, int Depth, int Heads)[] unique =
    [
        (512, 12, 8),
        (768, 12, 12),
        (1024, 24, 16),
        (1280, 32, 16),
    ];

    // MoCo v3 publishes this small one with 12 heads, and MAE-lite this tiny one: names and layer scale tell.
    private static readonly (int Width, int Depth, string Size, int Heads)[] named =
    [
        (192, 12, "tiny", 3),
        (384, 12, "small", 6),
    ];

    /// <summary>Null where these sizes are not published, or with several numbers of heads.</summary>
    /// <param name="name">The file's or model's; timm's tell the size.</param>
    public static int? Of(int width, int depth, bool layerScale, string name) =>
        unique
            .Where(row => (row.Width, row.Depth) == (width, depth))
            .Select(row => (int?)row.Heads)
            .Concat(
                named
                    .Where(row => (row.Width, row.Depth) == (width, depth))
                    .Where(row => layerScale || Timm().Match(name).Groups[1].Value == row.Size)
                    .Select(row => (int?)row.Heads)
            )
            .FirstOrDefault();

    [GeneratedRegex(@"^(?:vit|deit|deit3)_(tiny|small)_patch\d+_")]
    private static partial Regex Timm();
}

using LongTail.Core.Files;
using static System.StringComparison;

namespace LongTail.Core.Models;

/// <summary>Vision Transformers that are known by their tensors' names and not computed here.</summary>
internal static class ForeignTower
{
    private static readonly string[] gates =
    [
        ".mlp.w12.",
        ".mlp.w1.",
        ".mlp.weights_in.",
        ".mlp.fc1_g.",
        ".mlp.gate_proj.",
    ];

    // timm's, Meta's, and transformers' names.
    private static readonly string[] rotary =
    [
        "rope.periods",
        "rope_embed.periods",
        "storage_tokens",
        "embeddings.patch_embeddings.weight",
    ];

    internal static InputException DinoV3(string path) =>
        new(
            $"{path} is of a tower with rotary positions, as DINOv3, which is not computed here: give one of DINOv2, as vit_base_patch14_reg4_dinov2"
        );

    internal static InputException SwiGlu(string path) =>
        new(
            $"{path} is of a tower with SwiGLU, as DINOv2's giant, which is not computed here: give one with GELU, as vit_base_patch14_reg4_dinov2"
        );

    /// <exception cref="InputException">A tensor's name tells a tower that is not computed here.</exception>
    internal static void Refuse(string path, IEnumerable<TensorEntry> tensors)
    {
        var shapes = tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
        if (rotary.Any(mark => shapes.Keys.Any(name => Ends(name, mark))))
            throw DinoV3(path);
        if (shapes.Keys.Any(name => gates.Any(gate => name.Contains(gate, Ordinal))))
            throw SwiGlu(path);
        // timm packs the gate into the first layer: twice what the second one takes.
        foreach (var (name, first) in shapes.Where(pair => Ends(pair.Key, "mlp.fc1.weight")))
            if (
                shapes.TryGetValue(name.Replace("fc1", "fc2", Ordinal), out var second)
                && (first.Count, second.Count) == (2, 2)
                && first[0] == 2 * second[1]
            )
                throw SwiGlu(path);
    }

    private static bool Ends(string name, string mark) =>
        name == mark || name.EndsWith('.' + mark, Ordinal);
}

using System.Text.RegularExpressions;

namespace LongTail.Core.Models;

/// <summary>
/// How a program names the tensors of its Vision Transformers, told beside timm's names (<see cref="BackboneLayout"/>),
/// and what stands before them all in a file, such as "vit.".
/// </summary>
internal sealed partial class WeightNames
{
    // A row that ends in a dot names a weight and a bias; * is the number of a block; of {a,b,c} each is a tensor, and
    // they are joined in this order. "" is what that program's models do not have.
    private static readonly string[][] table =
    [
        ["cls_token", "embeddings.cls_token", "embeddings.cls_token", "embeddings.class_embedding"],
        ["reg_token", "", "embeddings.register_tokens", ""],
        [
            "pos_embed",
            "embeddings.position_embeddings",
            "embeddings.position_embeddings",
            "embeddings.position_embedding.weight",
        ],
        [
            "patch_embed.proj.",
            "embeddings.patch_embeddings.projection.",
            "embeddings.patch_embeddings.projection.",
            "embeddings.patch_embedding.",
        ],
        // transformers' own spelling.
        ["norm_pre.", "", "", "pre_layrnorm."],
        [
            "blocks.*.norm1.",
            "encoder.layer.*.layernorm_before.",
            "encoder.layer.*.norm1.",
            "encoder.layers.*.layer_norm1.",
        ],
        [
            "blocks.*.attn.qkv.",
            "encoder.layer.*.attention.attention.{query,key,value}.",
            "encoder.layer.*.attention.attention.{query,key,value}.",
            "encoder.layers.*.self_attn.{q_proj,k_proj,v_proj}.",
        ],
        [
            "blocks.*.attn.proj.",
            "encoder.layer.*.attention.output.dense.",
            "encoder.layer.*.attention.output.dense.",
            "encoder.layers.*.self_attn.out_proj.",
        ],
        ["blocks.*.ls1.gamma", "", "encoder.layer.*.layer_scale1.lambda1", ""],
        [
            "blocks.*.norm2.",
            "encoder.layer.*.layernorm_after.",
            "encoder.layer.*.norm2.",
            "encoder.layers.*.layer_norm2.",
        ],
        [
            "blocks.*.mlp.fc1.",
            "encoder.layer.*.intermediate.dense.",
            "encoder.layer.*.mlp.fc1.",
            "encoder.layers.*.mlp.fc1.",
        ],
        [
            "blocks.*.mlp.fc2.",
            "encoder.layer.*.output.dense.",
            "encoder.layer.*.mlp.fc2.",
            "encoder.layers.*.mlp.fc2.",
        ],
        ["blocks.*.ls2.gamma", "", "encoder.layer.*.layer_scale2.lambda1", ""],
        ["norm.", "layernorm.", "layernorm.", "post_layernorm."],
        ["fc_norm.", "", "", ""],
    ];

    private static readonly string[] programs =
    [
        "timm",
        "transformers (ViT, DeiT)",
        "transformers (DINOv2)",
        "transformers (CLIP)",
    ];

    // Heads, poolers, what only the pretraining needs, and CLIP's other half.
    private static readonly string[] leftOut =
    [
        "head.",
        "classifier.",
        "pooler.",
        "embeddings.mask_token",
        "embeddings.position_ids",
        "text_model.",
        "text_projection.",
        "visual_projection.",
        "logit_scale",
    ];

    private readonly int column;
    private readonly string prefix;

    private WeightNames(int column, string prefix) => (this.column, this.prefix) = (column, prefix);

    /// <summary>Whose names these are.</summary>
    public string Program => programs[column];

    /// <summary>The names that explain the most of these; null where none of them is a patch projection.</summary>
    public static WeightNames? Of(IReadOnlyCollection<string> names) =>
        Enumerable
            .Range(0, programs.Length)
            .SelectMany(column =>
            {
                var patches = new WeightNames(column, "").InFile("patch_embed.proj.weight")[0];
                return names
                    .Where(name => name == patches || name.EndsWith('.' + patches))
                    .Select(name => new WeightNames(column, name[..^patches.Length]));
            })
            .MaxBy(found => names.Count(found.Explains));

    /// <summary>The tensors of the file that timm's name stands for: one, three to be joined, or none.</summary>
    public string[] InFile(string timm)
    {
        var number = Number().Match(timm);
        var general = Number().Replace(timm, "*", 1);
        var row = table.First(row => Stands(row[0], general));
        if (row[column].Length == 0)
            return [];
        var theirs = row[column] + general[row[0].Length..];
        var parts = Parts().Match(theirs);
        return
        [
            .. parts
                .Groups[1]
                .Value.Split(',')
                .Select(part => prefix + Parts().Replace(theirs, part).Replace("*", number.Value)),
        ];
    }

    /// <summary>Whether a tensor is none of the transformer's, and may be there.</summary>
    public bool LeavesOut(string name) =>
        leftOut.Any(start =>
            name.StartsWith(start, StringComparison.Ordinal)
            || name.StartsWith(prefix + start, StringComparison.Ordinal)
        );

    /// <summary>How many blocks these names are of.</summary>
    public int Depth(IEnumerable<string> names)
    {
        var blocks = prefix + table.First(row => row[0] == "blocks.*.norm1.")[column].Split('*')[0];
        return names
            .Where(name => name.StartsWith(blocks, StringComparison.Ordinal))
            .Select(name => name[blocks.Length..].Split('.')[0])
            .Distinct()
            .Count();
    }

    private bool Explains(string name) =>
        name.StartsWith(prefix, StringComparison.Ordinal)
        && Number().Replace(name[prefix.Length..], "*", 1) is var general
        && table.Any(row => Known(row[column], general));

    private static bool Known(string theirs, string general) =>
        theirs.Length > 0
        && Parts().Match(theirs) is var parts
        && parts
            .Groups[1]
            .Value.Split(',')
            .Any(part => Stands(Parts().Replace(theirs, part), general));

    private static bool Stands(string row, string general) =>
        row.EndsWith('.') ? general.StartsWith(row, StringComparison.Ordinal) : general == row;

    [GeneratedRegex(@"(?<=\.)\d+(?=\.)")]
    private static partial Regex Number();

    [GeneratedRegex(@"\{(.*)\}")]
    private static partial Regex Parts();
}

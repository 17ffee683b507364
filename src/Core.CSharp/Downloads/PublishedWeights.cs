using LongTail.Core.Files;
using LongTail.Core.Models;
using LongTail.Core.Settings;

namespace LongTail.Core.Downloads;

/// <summary>Weights that timm's authors publish on Hugging Face as safetensors.</summary>
/// <param name="Name">timm's name of the model and its training.</param>
/// <param name="Megabytes">About, with the head: computed from the tensors that such a model has.</param>
/// <param name="Sizes">Of the transformer that its file holds.</param>
/// <param name="Licence">As timm's source states it; who trained them has the last word, on <see cref="Page"/>.</param>
/// <param name="Activation">Where the file will not tell it.</param>
public sealed record PublishedWeights(
    string Name,
    int Megabytes,
    VisionTransformerShape Sizes,
    string Licence,
    Activation? Activation = null
)
{
    private const string Apache = "Apache-2.0";

    private static readonly VisionTransformerShape tiny = new(224, 16, 192, 12, 3);
    private static readonly VisionTransformerShape small = new(224, 16, 384, 12, 6);
    private static readonly VisionTransformerShape @base = new(224, 16, 768, 12, 12);
    private static readonly VisionTransformerShape large = new(224, 16, 1024, 24, 16);

    /// <summary>
    /// No checksum stands here: none of these files was within reach when the table was written. Hugging Face tells a
    /// file's SHA-256 itself, see <see cref="ToldChecksum"/>.
    /// </summary>
    public static IReadOnlyList<PublishedWeights> All { get; } =
    [
        new("vit_tiny_patch16_224.augreg_in21k", 39, tiny, Apache),
        new("vit_small_patch16_224.augreg_in21k", 120, small, Apache),
        new("vit_base_patch16_224.augreg_in21k", 410, @base, Apache),
        new("vit_large_patch16_224.augreg_in21k", 1303, large, Apache),
        new("deit_tiny_patch16_224.fb_in1k", 23, tiny, Apache),
        new("deit_small_patch16_224.fb_in1k", 88, small, Apache),
        new("deit_base_patch16_224.fb_in1k", 346, @base, Apache),
        new(
            "vit_base_patch16_clip_224.openai",
            345,
            @base,
            $"{Apache} (timm's; OpenAI's code is MIT)",
            Settings.Activation.QuickGelu
        ),
        new(
            "vit_base_patch14_reg4_dinov2.lvd142m",
            346,
            @base with
            {
                InputSide = 518,
                PatchSize = 14,
            },
            Apache
        ),
    ];

    /// <summary>Where their authors tell of them.</summary>
    public Uri Page => new($"https://huggingface.co/timm/{Name}");

    public Uri Address => new($"{Page}/resolve/main/model.safetensors");

    /// <summary>Fetches weights and writes the SHA-256 of what came beside them, as FILE.sha256.</summary>
    /// <param name="checksum">The expected one; null expects what the server tells, or else a whole safetensors file.</param>
    /// <returns>The SHA-256, and whether anybody told it before.</returns>
    /// <exception cref="InputException">
    /// As <see cref="Download.Fetch"/>; it is another model that came; or another file is there already.
    /// </exception>
    public (string Sum, bool Told) Fetch(
        Download download,
        Uri address,
        string? checksum,
        string target,
        Action<long> progress,
        CancellationToken cancellation
    )
    {
        var expected = checksum ?? ToldChecksum(address, cancellation);
        var file = new PublishedFile(address, null, expected) { Content = OtherModel };
        // It may be a person's own: only a part of our own making is ever overwritten.
        if (File.Exists(target) && !file.Is(target))
            throw new InputException(
                $"there is already another file at {target}: remove it or give --out"
            );
        download.Fetch(file, target, progress, cancellation);
        var sum = ContentHash.Of(target);
        WholeFile.Write(
            target + ".sha256",
            stream =>
            {
                using var text = new StreamWriter(stream, leaveOpen: true);
                text.Write($"{sum}  {Path.GetFileName(target)}\n");
            }
        );
        return (sum, expected is not null);
    }

    /// <summary>What a safetensors file holds instead of these weights, as far as its tensors tell; null where nothing.</summary>
    private string? OtherModel(string path)
    {
        static string Told(bool clip, int width, int depth, int? heads, int patch, int side) =>
            $"{(clip ? "CLIP's" : "a")} transformer of width {width} and depth {depth}{(heads is null ? "" : $" with {heads} heads")}, patches of {patch} and images of {side}";
        try
        {
            using var opened = WeightsFile.Open(path);
            var found = Told(
                opened.IsClip,
                opened.Width,
                opened.Depth,
                opened.ToldHeads,
                opened.PatchSize,
                opened.InputSide
            );
            // Only CLIP's files leave the activation open, and few tell their heads.
            var named = Told(
                Activation is not null,
                Sizes.Width,
                Sizes.Depth,
                opened.ToldHeads is null ? null : Sizes.Heads,
                Sizes.PatchSize,
                Sizes.InputSide
            );
            return found == named ? null : $"of {found}, not of {Name}, {named}";
        }
        catch (InputException)
        {
            return $"that are no transformer as {Name} is";
        }
    }

    /// <summary>
    /// The SHA-256 that Hugging Face tells of a large file, in the header X-Linked-Etag of the answer that sends on to
    /// where the bytes are; null where the server tells none.
    /// </summary>
    private static string? ToldChecksum(Uri address, CancellationToken cancellation)
    {
        using var client = new HttpClient(
            new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }
        )
        {
            Timeout = TimeSpan.FromSeconds(20),
        };
        try
        {
            using var response = client.Send(new(HttpMethod.Head, address), cancellation);
            return
                response.Headers.TryGetValues("X-Linked-Etag", out var values)
                && values.First().Trim('"') is { Length: 64 } sum
                && sum.All(char.IsAsciiHexDigit)
                ? sum.ToLowerInvariant()
                : null;
        }
        catch (Exception e)
            when (e is HttpRequestException or OperationCanceledException
                && !cancellation.IsCancellationRequested
            )
        {
            // The download itself says what is wrong with the server.
            return null;
        }
    }
}

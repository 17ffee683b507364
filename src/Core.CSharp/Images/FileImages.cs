using System.Collections.Concurrent;
using LongTail.Core.Data;
using LongTail.Core.Files;

namespace LongTail.Core.Images;

/// <summary>The image files of a list, decoded whenever they are read.</summary>
public sealed class FileImages : ImageSource
{
    // Of many missing files the first few tell what is wrong.
    private const int Shown = 20;

    // By content hash: those that were all decoded.
    private static readonly ConcurrentDictionary<string, bool> Sound = [];

    /// <param name="folder">That the list's paths begin in.</param>
    /// <exception cref="InputException">One line with the first files that are not there, and how many are not.</exception>
    public FileImages(ImageList list, string folder)
    {
        List = list;
        var found = list.Find(folder);
        var missing = list.Missing(folder, found);
        if (missing.Count > 0)
            throw new InputException(
                $"{missing.Count} of {list.Count} files of {list.File} are not in {folder}: {First(missing)}: {list.Remedy}"
            );
        Files = Array.ConvertAll(found, file => file!.Value);
        var strange = list.Strange(Files);
        if (strange.Count > 0)
            throw new InputException(
                $"{strange.Count} of {list.Count} files of {list.File} are no images ({ImageFormat.Names}): {First(strange)}: take them out of the list, or convert them"
            );
        Hashes = SampledHash.OfAll(Files);
        ContentHash = Core.Files.ContentHash.OfLines(Hashes.Select(hash => $"{hash:x32}"));
    }

    internal IReadOnlyList<FoundFile> Files { get; }

    /// <summary>Of each file, by its length and a part of its bytes.</summary>
    internal IReadOnlyList<UInt128> Hashes { get; }

    /// <summary>Paths of those that hold no byte, each once.</summary>
    internal IReadOnlyList<string> Empty =>
        [.. Files.Where(file => file.Length == 0).Select(file => file.Path).Distinct()];

    public ImageList List { get; }

    /// <summary>64 hex digits of all files' lengths and sampled bytes, in their order. Names and classes do not enter.</summary>
    public string ContentHash { get; }

    public override int Count => List.Count;

    public override IReadOnlyList<int> Labels => List.Labels;

    public override ImageReader Reader() => new FileReader(this);

    /// <summary>Decodes every image, once a process, so that none is found broken when a run has been trained.</summary>
    /// <exception cref="InputException">One line with the first broken ones, and how many are.</exception>
    internal void RequireSound(int threads)
    {
        if (Sound.ContainsKey(ContentHash))
            return;
        var (faults, _) = Tried(threads, _ => { }, CancellationToken.None);
        if (faults.Count > 0)
            throw new InputException(Told(faults));
        Sound[ContentHash] = true;
    }

    private static string First(IReadOnlyCollection<string> paths) =>
        string.Join(", ", paths.Take(Shown)) + (paths.Count > Shown ? " and more" : "");

    /// <summary>In one line, the first of many broken images and how many there are.</summary>
    internal static string Told(IReadOnlyCollection<string> faults) =>
        $"{faults.Count} broken image{(faults.Count == 1 ? "" : "s")}: {string.Join("; ", faults.Take(Shown))}{(faults.Count > Shown ? $"; and {faults.Count - Shown} more" : "")}";

    /// <summary>Decodes every image.</summary>
    /// <param name="progress">Hears how many are done, from any thread.</param>
    /// <returns>Why some cannot be, and what the decoder found odd in others, a line each with the file's name, in the list's order.</returns>
    public (IReadOnlyList<string> Faults, IReadOnlyList<string> Warnings) Tried(
        int threads,
        Action<int> progress,
        CancellationToken cancellation
    )
    {
        var faults = new ConcurrentDictionary<int, string>();
        var warnings = new ConcurrentDictionary<int, string>();
        var finished = 0;
        Parallel.For(
            0,
            Count,
            new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellation },
            () => new ImageDecoder(List.Removal),
            (i, _, decoder) =>
            {
                try
                {
                    decoder.Open(Files[i].Path);
                    decoder.Decode();
                    if (decoder.Warning is { } warning)
                        warnings[i] = $"{Files[i].Path}: {warning}";
                }
                catch (InputException e)
                {
                    faults[i] = e.Message;
                }
                progress(Interlocked.Increment(ref finished));
                return decoder;
            },
            decoder => decoder.Dispose()
        );
        return (InOrder(faults), InOrder(warnings));

        static string[] InOrder(IEnumerable<KeyValuePair<int, string>> lines) =>
            [.. lines.OrderBy(line => line.Key).Select(line => line.Value)];
    }

    private sealed class FileReader(FileImages images) : ImageReader
    {
        private readonly ImageDecoder decoder = new(images.List.Removal);

        public override (int Width, int Height) Open(int position) =>
            decoder.Open(images.Files[position].Path);

        public override Pixels Decode(int shrink, int rows) => decoder.Decode(shrink, rows);

        public override void Dispose() => decoder.Dispose();
    }
}

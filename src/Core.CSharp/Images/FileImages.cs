using System.Collections.Concurrent;
using LongTail.Core.Data;

namespace LongTail.Core.Images;

/// <summary>The image files of a list, decoded whenever they are read.</summary>
public sealed class FileImages : ImageSource
{
    // Of many missing files the first few tell what is wrong.
    private const int Shown = 20;

    // By content hash: those that were all decoded.
    private static readonly ConcurrentDictionary<string, bool> Sound = [];

    private readonly string folder;

    /// <param name="folder">That the list's paths begin in.</param>
    /// <exception cref="InputException">One line with the first files that are not there, and how many are not.</exception>
    public FileImages(ImageList list, string folder)
    {
        (List, this.folder) = (list, folder);
        var lengths = list.Lengths(folder);
        var missing = list.Missing(lengths);
        if (missing.Count > 0)
            throw new InputException(
                $"{missing.Count} of {list.Count} files of {list.File} are not in {folder}: {string.Join(", ", missing.Take(Shown))}{(missing.Count > Shown ? " and more" : "")}: give the folder that the list's paths begin in, or bring the files"
            );
        ContentHash = Files.ContentHash.OfLines(
            lengths.Index().SelectMany(image => new[] { list.Path(image.Index), $"{image.Item}" })
        );
    }

    public ImageList List { get; }

    /// <summary>64 hex digits of all paths and their files' lengths, in their order. Classes do not enter.</summary>
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
        var faults = Faults(threads, _ => { }, CancellationToken.None);
        if (faults.Count > 0)
            throw new InputException(Told(faults));
        Sound[ContentHash] = true;
    }

    /// <summary>In one line, the first of many broken images and how many there are.</summary>
    internal static string Told(IReadOnlyCollection<string> faults) =>
        $"{faults.Count} broken images: {string.Join("; ", faults.Take(Shown))}{(faults.Count > Shown ? $"; and {faults.Count - Shown} more" : "")}";

    /// <summary>Decodes every image; why some cannot be, a line each with the file's name, in the list's order.</summary>
    /// <param name="progress">Hears how many are done, from any thread.</param>
    public IReadOnlyList<string> Faults(
        int threads,
        Action<int> progress,
        CancellationToken cancellation
    )
    {
        var faults = new ConcurrentDictionary<int, string>();
        var finished = 0;
        Parallel.For(
            0,
            Count,
            new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellation },
            Reader,
            (i, _, reader) =>
            {
                try
                {
                    reader.Open(i);
                    reader.Decode(shrink: 1);
                }
                catch (InputException e)
                {
                    faults[i] = e.Message;
                }
                progress(Interlocked.Increment(ref finished));
                return reader;
            },
            reader => reader.Dispose()
        );
        return [.. faults.OrderBy(fault => fault.Key).Select(fault => fault.Value)];
    }

    private sealed class FileReader(FileImages images) : ImageReader
    {
        private readonly ImageDecoder decoder = new();

        public override (int Width, int Height) Open(int position) =>
            decoder.Open(Path.Combine(images.folder, images.List.Path(position)));

        public override Pixels Decode(int shrink, int rows) => decoder.Decode(shrink, rows);

        public override void Dispose() => decoder.Dispose();
    }
}

using System.Text;
using System.Text.Unicode;
using LongTail.Core.Images;

namespace LongTail.Core.Data;

/// <summary>
/// A list file of images, "relative/path label" a line, as the large long-tailed sets are published (method.md 4.4). The
/// file's own bytes are kept, not a string a line: half a million images take 50 MB.
/// </summary>
public sealed class ImageList
{
    // Of a list with many mistakes the first few tell what they are.
    private const int Shown = 5;

    private readonly byte[] text;
    private readonly (int Start, int Length)[] paths;

    private ImageList(string file, byte[] text, (int, int)[] paths, int[] labels, int classes)
    {
        File = file;
        this.text = text;
        this.paths = paths;
        Labels = labels;
        Classes = classes;
    }

    public string File { get; }

    public int Count => paths.Length;

    /// <summary>As they stand in the file, from 0.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>One more than the largest label.</summary>
    public int Classes { get; }

    /// <summary>Relative to the images' folder.</summary>
    public string Path(int index) =>
        Encoding.UTF8.GetString(text, paths[index].Start, paths[index].Length);

    /// <summary>Images of each class, in the order of the labels.</summary>
    public int[] Counts()
    {
        var counts = new int[Classes];
        foreach (var label in Labels)
            counts[label]++;
        return counts;
    }

    /// <summary>The bytes of each image's file in a folder; null where it is not there.</summary>
    /// <exception cref="InputException">There is no such folder.</exception>
    public long?[] Lengths(string folder)
    {
        if (!Directory.Exists(folder))
            throw new InputException(
                $"there is no folder {folder}: give the one that the paths of {File} begin in"
            );
        return ParallelEnumerable
            .Range(0, Count)
            .AsOrdered()
            .Select(i =>
                new FileInfo(System.IO.Path.Combine(folder, Path(i))) is { Exists: true } file
                    ? file.Length
                    : (long?)null
            )
            .ToArray();
    }

    /// <summary>The files of the list that a folder lacks, each once, in the list's order.</summary>
    /// <inheritdoc cref="Lengths"/>
    public IReadOnlyList<string> MissingFrom(string folder) => Missing(Lengths(folder));

    /// <summary>As <see cref="MissingFrom"/>, where the folder has been looked into.</summary>
    internal IReadOnlyList<string> Missing(long?[] lengths) =>
        [
            .. lengths
                .Index()
                .Where(image => image.Item is null)
                .Select(image => Path(image.Index))
                .Distinct(),
        ];

    /// <summary>Reads and checks a list; empty lines are passed over.</summary>
    /// <exception cref="InputException">One line naming the file and the first few of its lines that are wrong.</exception>
    public static ImageList Read(string file)
    {
        var text = Bytes(file);
        var paths = new List<(int, int)>();
        var labels = new List<int>();
        var faults = new List<string>();
        var (number, largest) = (0, -1);
        foreach (var range in text.AsSpan().Split((byte)'\n'))
        {
            number++;
            var line = text.AsSpan(range).Trim(" \t\r"u8);
            if (line.IsEmpty)
                continue;
            var start = range.Start.GetOffset(text.Length) + text.AsSpan(range).IndexOf(line);
            // A path may hold blanks; a label does not.
            var blank = line.LastIndexOfAny((byte)' ', (byte)'\t');
            var path = blank < 0 ? line : line[..blank].TrimEnd(" \t"u8);
            if (Fault(path, blank < 0 ? [] : line[(blank + 1)..], out var label) is { } fault)
                faults.Add($"line {number} {fault}");
            paths.Add((start, path.Length));
            labels.Add(label);
            largest = Math.Max(largest, label);
        }
        if (faults.Count > 0)
            throw new InputException(
                $"{file}: {string.Join("; ", faults.Take(Shown))}{(faults.Count > Shown ? $" and {faults.Count - Shown} more" : "")}: write \"relative/path label\" on each line"
            );
        return paths.Count > 0
            ? new ImageList(file, text, [.. paths], [.. labels], largest + 1)
            : throw new InputException($"{file} names no image: is it the right list?");
    }

    /// <summary>
    /// A folder of class folders as a list: classes in the order of their folders' names, images of each in the order of
    /// theirs, subfolders included.
    /// </summary>
    /// <returns>The list and its classes' names.</returns>
    /// <exception cref="InputException">No such folder, no class in it, or a class without an image.</exception>
    public static (ImageList List, string[] ClassNames) OfFolders(string folder)
    {
        if (!Directory.Exists(folder))
            throw new InputException(
                $"there is no folder {folder}: give one that holds a folder a class"
            );
        string[] names =
        [
            .. Directory
                .GetDirectories(folder)
                .Select(path => System.IO.Path.GetFileName(path))
                .Order(StringComparer.Ordinal),
        ];
        var images = names
            .Select(name =>
                Directory
                    .EnumerateFiles(
                        System.IO.Path.Combine(folder, name),
                        "*",
                        SearchOption.AllDirectories
                    )
                    .Where(file =>
                        ImageDecoder.Endings.Contains(
                            System.IO.Path.GetExtension(file).ToLowerInvariant()
                        )
                    )
                    .Select(file => System.IO.Path.GetRelativePath(folder, file))
                    .Order(StringComparer.Ordinal)
                    .ToArray()
            )
            .ToArray();
        var empty = names.Where((_, j) => images[j].Length == 0).ToArray();
        if (names.Length == 0 || empty.Length > 0)
            throw new InputException(
                names.Length == 0
                    ? $"{folder} holds no class folder: give one that holds a folder a class"
                    : $"{folder}: no image ({string.Join(", ", ImageDecoder.Endings)}) in {string.Join(", ", empty.Take(Shown))}{(empty.Length > Shown ? $" and {empty.Length - Shown} more" : "")}: remove the folder, or fill it"
            );
        return (Of(folder, images), names);
    }

    private static ImageList Of(string file, string[][] classes)
    {
        var encoded = classes.SelectMany(images => images.Select(Encoding.UTF8.GetBytes)).ToArray();
        var (paths, text) = (new (int, int)[encoded.Length], new MemoryStream());
        for (var i = 0; i < encoded.Length; i++)
        {
            paths[i] = ((int)text.Length, encoded[i].Length);
            text.Write(encoded[i]);
        }
        var labels = classes.SelectMany((images, j) => Enumerable.Repeat(j, images.Length));
        return new ImageList(file, text.ToArray(), paths, [.. labels], classes.Length);
    }

    private static string? Fault(ReadOnlySpan<byte> path, ReadOnlySpan<byte> number, out int label)
    {
        label = 0;
        if (number.IsEmpty)
            return "has no label";
        if (!int.TryParse(number, out label) || label < 0 || label > MostClasses)
        {
            var shown = Encoding.UTF8.GetString(number[..Math.Min(number.Length, 20)]);
            label = 0;
            return $"has the label '{shown}', not a number from 0 to {MostClasses}";
        }
        if (!Utf8.IsValid(path))
            return "is not UTF-8";
        return path[0] == '/' || path.IndexOf("../"u8) >= 0
            ? "leads out of the images' folder"
            : null;
    }

    // A typing error must not ask for gigabytes of counts.
    private const int MostClasses = 1_000_000;

    private static byte[] Bytes(string file)
    {
        try
        {
            var bytes = System.IO.File.ReadAllBytes(file);
            // Some editors begin a file with it.
            return bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file} cannot be read: {e.Message.TrimEnd('.')}");
        }
    }
}

using System.Text;
using System.Text.Unicode;
using LongTail.Core.Files;
using LongTail.Core.Images;

namespace LongTail.Core.Data;

/// <summary>
/// A list file of images, "path label" a line, as the large long-tailed sets are published (method.md 4.4). The
/// file's own bytes are kept, not a string a line: half a million images take 50 MB.
/// </summary>
public sealed class ImageList
{
    // Of a list with many mistakes the first few tell what they are.
    private const int Shown = 5;

    private readonly byte[] text;
    private readonly (int Start, int Length)[] paths;

    private ImageList(
        string file,
        byte[] text,
        (int, int)[] paths,
        int[] labels,
        int classes,
        bool ofFolders,
        IReadOnlyList<DataDoubt> doubts
    )
    {
        File = file;
        this.text = text;
        this.paths = paths;
        Labels = labels;
        Classes = classes;
        OfClassFolders = ofFolders;
        Doubts = doubts;
    }

    /// <summary>The list, or the folder of class folders.</summary>
    public string File { get; }

    private bool OfClassFolders { get; }

    /// <summary>How an image is left out.</summary>
    public string Removal =>
        OfClassFolders ? "remove it from its class folder" : "take it off the list";

    /// <summary>What to do about images that are not there.</summary>
    internal string Remedy =>
        OfClassFolders
            ? "bring the files that these links lead to, or remove the links from the class folders"
            : "name with --data the folder that the list's paths begin in, or bring the files";

    public int Count => paths.Length;

    /// <summary>As they stand in the file, from 0.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>One more than the largest label.</summary>
    public int Classes { get; }

    /// <summary>What is odd in the file or folder, though it can be used.</summary>
    public IReadOnlyList<DataDoubt> Doubts { get; }

    /// <summary>Relative to the images' folder, or absolute.</summary>
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

    /// <summary>Why nothing can be learnt from it, whatever it may be judged by; null where that is not so.</summary>
    public string? Unlearnable
    {
        get
        {
            if (Classes == 1)
                return "has one class: there is nothing to tell apart; give images of two classes or more";
            int[] without =
            [
                .. Counts().Index().Where(one => one.Item == 0).Select(one => one.Index),
            ];
            return without.Length == 0 ? null
                : without[^1] == without.Length - 1
                    ? $"has labels that begin at {without.Length} ({FirstOf(without.Length)}): number the classes from 0"
                : $"has no image of class {DataDoubt.Some([.. without.Select(label => $"{label}")], Shown)}, and its labels go to {Classes - 1} ({FirstOf(Classes - 1)}): number the classes from 0, and give each an image to learn from";
        }
    }

    /// <summary>The line that names the first image of a class which has one.</summary>
    internal string FirstOf(int label)
    {
        var start = paths[Labels.Index().First(image => image.Item == label).Index].Start;
        return $"line {Lines(text).TakeWhile(line => line.Start.Value <= start).Count()}";
    }

    /// <summary>Each image's file in a folder; null where it is not there.</summary>
    /// <exception cref="InputException">There is no such folder.</exception>
    internal FoundFile?[] Find(string folder)
    {
        if (!Directory.Exists(folder))
            throw new InputException(
                $"there is no folder {folder}: give the one that the paths of {File} begin in"
            );
        return ParallelEnumerable
            .Range(0, Count)
            .AsOrdered()
            .Select(i => FoundFile.At(System.IO.Path.Combine(folder, Path(i))))
            .ToArray();
    }

    /// <summary>
    /// The files of the list that a folder lacks, and which of them are links that lead nowhere; and those that hold no byte.
    /// Each once, in the list's order.
    /// </summary>
    /// <inheritdoc cref="Find"/>
    public (IReadOnlyList<string> Missing, IReadOnlyList<string> Empty) Unreadable(string folder)
    {
        var found = Find(folder);
        return (Missing(folder, found), [.. Those(found, file => file is { Length: 0 })]);
    }

    /// <summary>The files that the folder lacks, as <see cref="Find"/> looked for them.</summary>
    internal IReadOnlyList<string> Missing(string folder, FoundFile?[] found) =>
        [
            .. Those(found, file => file is null)
                .Select(path => $"{path}{Why(System.IO.Path.Combine(folder, path))}"),
        ];

    private IEnumerable<string> Those(FoundFile?[] found, Func<FoundFile?, bool> chosen) =>
        found
            .Index()
            .Where(image => chosen(image.Item))
            .Select(image => Path(image.Index))
            .Distinct();

    /// <summary>
    /// The files, each once, whose names do not end as an image's and whose first bytes say none that is decoded; files of
    /// images' names are not opened.
    /// </summary>
    internal IReadOnlyList<string> Strange(IReadOnlyList<FoundFile> found) =>
        [
            .. Enumerable
                .Range(0, Count)
                .Where(i =>
                    !ImageFormat.Endings.Contains(
                        System.IO.Path.GetExtension(found[i].Path).ToLowerInvariant()
                    ) && ImageFormat.OfFile(found[i].Path) is not { Decoded: true }
                )
                .Select(Path)
                .Distinct(),
        ];

    private static string Why(string path) =>
        Directory.Exists(path) ? " (a folder)"
        : new FileInfo(path).LinkTarget is { } target ? $" (a link to {target}, which is not there)"
        : "";

    /// <summary>Reads and checks a list; empty lines are passed over.</summary>
    /// <exception cref="InputException">One line naming the file and the first few of its lines that are wrong.</exception>
    public static ImageList Read(string file)
    {
        var text = Bytes(file);
        var paths = new List<(int, int)>();
        var labels = new List<int>();
        var faults = new List<string>();
        var (number, largest) = (0, -1);
        var seen = new Dictionary<string, (int Line, int Label)>();
        var again = new List<string>();
        foreach (var range in Lines(text))
        {
            number++;
            var line = text.AsSpan(range).Trim(" \t"u8);
            if (line.IsEmpty)
                continue;
            var start = range.Start.GetOffset(text.Length) + text.AsSpan(range).IndexOf(line);
            // A path may hold blanks; a label does not.
            var blank = line.LastIndexOfAny((byte)' ', (byte)'\t');
            var path = blank < 0 ? line : line[..blank].TrimEnd(" \t"u8);
            if (Fault(path, blank < 0 ? [] : line[(blank + 1)..], out var label) is { } fault)
                faults.Add($"line {number} {fault}");
            else if (seen.TryAdd(Spelt(path), (number, label))) { }
            else if (seen[Spelt(path)] is var first && first.Label != label)
                faults.Add(
                    $"line {number} gives {Encoding.UTF8.GetString(path)} the label {label}, line {first.Line} the label {first.Label}"
                );
            else
                again.Add($"{Encoding.UTF8.GetString(path)} (lines {first.Line} and {number})");
            paths.Add((start, path.Length));
            labels.Add(label);
            largest = Math.Max(largest, label);
        }
        if (faults.Count > 0)
            throw new InputException(
                $"{file}: {string.Join("; ", faults.Take(Shown))}{(faults.Count > Shown ? $" and {faults.Count - Shown} more" : "")}: write \"path label\" on each line, a path once"
            );
        return paths.Count > 0
            ? new ImageList(
                file,
                text,
                [.. paths],
                [.. labels],
                largest + 1,
                false,
                again.Count == 0
                    ? []
                    :
                    [
                        new(
                            file,
                            $"lines that name an image again, which counts so often: {again.Count}, as {DataDoubt.Some(again)}",
                            "remove them where that is not meant"
                        ),
                    ]
            )
            : throw new InputException($"{file} names no image: is it the right list?");
    }

    /// <summary>
    /// A folder of class folders as a list: classes in the order of their folders' names, images of each in the order of
    /// theirs, subfolders included. What is left aside stands in <see cref="Doubts"/>.
    /// </summary>
    /// <param name="learnt">The classes of the folder to learn from: this one is to judge by, and may lack some of them. Null where it is the one to learn from.</param>
    /// <returns>The list and its classes' names.</returns>
    /// <exception cref="InputException">No such folder, no class in it, one without an image, or one that is not learnt.</exception>
    public static (ImageList List, string[] ClassNames) OfFolders(
        string folder,
        IReadOnlyList<string>? learnt = null
    )
    {
        var scan = new FolderScan(folder);
        var empty = scan
            .Classes.Where(one => one.Value.Count == 0)
            .Select(one => one.Key)
            .ToArray();
        if (learnt is null && empty.Length > 0 || empty.Length == scan.Classes.Count)
            throw new InputException(
                $"{folder}: no image ({ImageFormat.Names}) in {DataDoubt.Some(empty, Shown)}{string.Concat(scan.Doubts.Select(doubt => $" ({doubt.Fault})"))}: remove the folder, or fill it"
            );
        string[] names = [.. learnt ?? [.. scan.Classes.Keys]];
        var unknown = scan.Classes.Keys.Except(names).Except(empty).ToArray();
        if (unknown.Length > 0)
            throw new InputException(
                $"{folder} holds class folders that nothing is learnt of: {DataDoubt.Some(unknown, Shown)}: remove them, or give each images to learn from"
            );
        string[][] images =
        [
            .. names.Select(name =>
                scan.Classes.TryGetValue(name, out var found) ? found.ToArray() : []
            ),
        ];
        return (Of(folder, images, scan.Doubts), names);
    }

    private static ImageList Of(string file, string[][] classes, IReadOnlyList<DataDoubt> doubts)
    {
        var encoded = classes.SelectMany(images => images.Select(Encoding.UTF8.GetBytes)).ToArray();
        var (paths, text) = (new (int, int)[encoded.Length], new MemoryStream());
        for (var i = 0; i < encoded.Length; i++)
        {
            paths[i] = ((int)text.Length, encoded[i].Length);
            text.Write(encoded[i]);
        }
        var labels = classes.SelectMany((images, j) => Enumerable.Repeat(j, images.Length));
        return new ImageList(
            file,
            text.ToArray(),
            paths,
            [.. labels],
            classes.Length,
            true,
            doubts
        );
    }

    // One file may be spelt in several ways; a way out of the folder is none into its root.
    private static string Spelt(ReadOnlySpan<byte> path)
    {
        var text = Encoding.UTF8.GetString(path);
        var parts = new List<string>();
        foreach (var part in text.Split('/'))
            if (part == ".." && parts.Count > 0 && parts[^1] != "..")
                parts.RemoveAt(parts.Count - 1);
            else if (part is not ("" or "."))
                parts.Add(part);
        return System.IO.Path.Combine(text.StartsWith('/') ? "/" : "", string.Join('/', parts));
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
        return path.Contains((byte)0) ? "has a zero byte: is it text?" : null;
    }

    // A typing error must not ask for gigabytes of counts.
    private const int MostClasses = 1_000_000;

    // Ended as Unix, Windows or the first Macs do.
    private static IEnumerable<Range> Lines(byte[] text)
    {
        for (var start = 0; start <= text.Length; )
        {
            var length = text.AsSpan(start).IndexOfAny((byte)'\n', (byte)'\r');
            var end = length < 0 ? text.Length : start + length;
            yield return start..end;
            start = end + (text.AsSpan(end).StartsWith("\r\n"u8) ? 2 : 1);
        }
    }

    // With its mark, or by the zero bytes of ASCII's letters, all of which are first or second of two.
    private static bool IsUtf16(ReadOnlySpan<byte> text)
    {
        if (
            text.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE])
            || text.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])
        )
            return true;
        var line = text[
            ..(text.IndexOfAny((byte)'\n', (byte)'\r') is >= 0 and var end ? end : text.Length)
        ];
        var zeros = new int[2];
        for (var i = 0; i < line.Length; i++)
            if (line[i] == 0)
                zeros[i % 2]++;
        return zeros.Max() > 1 && zeros.Min() == 0;
    }

    private static byte[] Bytes(string file)
    {
        try
        {
            var bytes = System.IO.File.ReadAllBytes(file);
            if (IsUtf16(bytes))
                throw new InputException($"{file} is UTF-16: save it as UTF-8");
            // Some editors begin a file with it.
            return bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"{file}: there is no such file");
        }
        catch (UnauthorizedAccessException)
        {
            throw new InputException(
                Directory.Exists(file)
                    ? $"{file} is a folder: give a list file"
                    : $"{file} cannot be read: permission is denied; ask for the right to read it"
            );
        }
        catch (IOException e)
        {
            throw new InputException($"{file} cannot be read: {e.Message.TrimEnd('.')}");
        }
    }
}

using LongTail.Core.Images;

namespace LongTail.Core.Data;

/// <summary>
/// The images below a folder of class folders, subfolders and links included, and what was left aside. Whether a file is an
/// image is told by its name's ending, and where that says nothing by its first bytes.
/// </summary>
internal sealed class FolderScan
{
    // What systems and tools leave beside files; names that begin with a dot are such too.
    private static readonly HashSet<string> Litter =
    [
        "Thumbs.db",
        "desktop.ini",
        "__MACOSX",
        "@eaDir",
    ];

    private static readonly HashSet<string> Parts = new(StringComparer.OrdinalIgnoreCase)
    {
        "train",
        "training",
        "val",
        "valid",
        "validation",
        "test",
        "testing",
    };

    private readonly string root;
    private readonly SortedDictionary<string, List<string>> aside = new(StringComparer.Ordinal);

    /// <exception cref="InputException">No such folder, no class folder in it, or one that cannot be read.</exception>
    internal FolderScan(string folder)
    {
        root = folder;
        if (!Directory.Exists(folder))
            throw new InputException(
                $"{(File.Exists(folder) ? $"{folder} is a file" : $"there is no folder {folder}")}: give one that holds a folder a class"
            );
        var real = Real(new DirectoryInfo(folder).FullName);
        var loose = new List<string>();
        foreach (var entry in Entries(""))
            if (entry is not DirectoryInfo inner)
                Take(entry.Name, loose);
            else if (Readable(entry) && !Leads(inner, [real], out var target))
                Walk(entry.Name, [real, target], Classes[entry.Name] = []);
        Refuse(loose);
        if (loose.Count > 0)
            aside[Loose] = loose;
        foreach (var same in Classes.Keys.GroupBy(name => name.Trim().ToUpperInvariant()))
            if (same.Count() > 1)
                Doubts.Add(
                    new(
                        folder,
                        $"the class folders {string.Join(" and ", same.Select(name => $"'{name}'"))} differ in case or blanks alone, and are classes of their own",
                        "rename one where that is not meant"
                    )
                );
        foreach (var (what, names) in aside)
            Doubts.Add(
                new(
                    folder,
                    $"{what} are left aside: {names.Count}, as {DataDoubt.Some([.. names.Order(StringComparer.Ordinal)])}",
                    Remedies[what]
                )
            );
    }

    /// <summary>Classes by name, with the paths of their images from the folder, both in the order of their names.</summary>
    internal SortedDictionary<string, List<string>> Classes { get; } = new(StringComparer.Ordinal);

    internal List<DataDoubt> Doubts { get; } = [];

    private const string Hidden = "hidden files and folders";
    private const string Loops = "links to a folder that they lie in";
    private const string Loose = "images beside the class folders";
    private const string NotUtf8 = "names that are not UTF-8";
    private const string Others = "files that are no images";
    private const string Undecoded = "images of formats that are not decoded";

    private static readonly Dictionary<string, string> Remedies = new()
    {
        [Hidden] = "rename them where they are images of the set",
        [Loops] = "remove the links",
        [NotUtf8] = "rename them, as `convmv -f latin1 -t utf8` does",
        [Others] = "look whether they belong there",
        [Loose] = "move each into its class's folder",
        [Undecoded] = $"convert them to {ImageFormat.Names}",
    };

    private void Refuse(List<string> loose)
    {
        if (aside.TryGetValue(NotUtf8, out var names) && names.Any(IsClass))
            throw new InputException(
                $"{root}: the name of the class folder {names.First(IsClass)} is not UTF-8: rename it, as `convmv -f latin1 -t utf8` does"
            );
        if (Classes.Count == 0)
            throw new InputException(
                loose.Count > 0
                    ? $"{root} holds images, as {loose[0]}, but no class folder: put the images of each class into a folder of its own"
                    : $"{root} holds no class folder: give one that holds a folder a class"
            );
        if (Classes.Count > 1 && Classes.Keys.All(Parts.Contains))
            throw new InputException(
                $"{root} holds {string.Join(" and ", Classes.Keys)}, which are parts of a set and no classes: give {Path.Combine(root, Classes.Keys.Last())} and the like"
            );

        bool IsClass(string name) =>
            Directory.EnumerateDirectories(root).Any(path => Path.GetFileName(path) == name);
    }

    private void Walk(string path, IReadOnlyList<string> chain, List<string> images)
    {
        foreach (var entry in Entries(path))
        {
            var name = Path.Combine(path, entry.Name);
            if (entry is not DirectoryInfo inner)
                Take(name, images);
            else if (Readable(entry) && !Leads(inner, chain, out var target))
                Walk(name, [.. chain, target], images);
        }
        if (chain.Count == 2)
            images.Sort(StringComparer.Ordinal);
    }

    private IEnumerable<FileSystemInfo> Entries(string path)
    {
        FileSystemInfo[] entries;
        try
        {
            entries = new DirectoryInfo(Path.Combine(root, path)).GetFileSystemInfos();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{Path.Combine(root, path)} cannot be read: {e.Message.TrimEnd('.')}"
            );
        }
        foreach (var entry in entries)
            if (entry.Name[0] == '.' || Litter.Contains(entry.Name))
                Leave(Hidden, Path.Combine(path, entry.Name));
            else
                yield return entry;
    }

    private void Take(string name, List<string> images)
    {
        if (!Readable(new FileInfo(Path.Combine(root, name))))
            return;
        if (ImageFormat.Endings.Contains(Path.GetExtension(name).ToLowerInvariant()))
            images.Add(name);
        else if (ImageFormat.OfFile(Path.Combine(root, name)) is not { } format)
            Leave(Others, name);
        else if (format.Decoded)
            images.Add(name);
        else
            Leave(Undecoded, $"{name} ({format.Name})");
    }

    // .NET puts this sign for bytes that are not UTF-8, and then finds no such file.
    private bool Readable(FileSystemInfo entry)
    {
        var readable = !entry.Name.Contains('\uFFFD') || Path.Exists(entry.FullName);
        if (!readable)
            Leave(NotUtf8, Path.GetRelativePath(root, entry.FullName));
        return readable;
    }

    /// <summary>Whether it is a link to a folder of the chain or above: its images are found there already.</summary>
    private bool Leads(DirectoryInfo inner, IReadOnlyList<string> chain, out string real)
    {
        // By the real folder that it lies in, as a link's own words go by that.
        var target = real = Real(Path.Combine(chain[^1], inner.Name));
        var leads = chain.Any(folder =>
            folder == target || folder.StartsWith(target + "/", StringComparison.Ordinal)
        );
        if (leads)
            Leave(Loops, Path.GetRelativePath(root, inner.FullName));
        return leads;
    }

    private static string Real(string folder) =>
        Path.TrimEndingDirectorySeparator(
            Directory.ResolveLinkTarget(folder, returnFinalTarget: true)?.FullName ?? folder
        );

    private void Leave(string what, string name)
    {
        if (!aside.TryGetValue(what, out var names))
            aside[what] = names = [];
        names.Add(name);
    }
}

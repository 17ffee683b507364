using LongTail.Core.Files;
using LongTail.Core.Settings;

namespace LongTail.Core.Data;

/// <summary>Finds and reads a data set's files, and tells in one line what is missing.</summary>
public static class DataFolder
{
    /// <summary>Where data sets lie that a person has no folder for: ~/.cache/longtail/data.</summary>
    public static string Own => UserCache.Path("data");

    /// <summary>
    /// The folder of a source's files. A published set is looked for in each of the folders, in its child of the set's usual
    /// name, and then where the set usually lies. The paths of lists begin in the first folder that holds the first image
    /// of both.
    /// </summary>
    /// <returns>null: each list's own folder, and that of class folders, which say where they lie.</returns>
    /// <exception cref="InputException">A published set is nowhere, with all that was searched; or a list cannot be read.</exception>
    public static string? Of(DataSource source, IReadOnlyList<string> folders) =>
        source switch
        {
            PublishedImages { Set: var set } => (
                PublishedList.Of(set)?.Place ?? ResidentSet.Of(set).Place
            ).Among(folders),
            ListedImages lists => Holding(lists, folders),
            _ => null,
        };

    private static string? Holding(ListedImages lists, IReadOnlyList<string> folders)
    {
        if (folders.Count == 0)
            return null;
        string[] first = [.. new[] { lists.Train, lists.Test }.Select(FirstPath)];
        bool Holds(string folder) => first.All(path => File.Exists(Path.Combine(folder, path)));
        // Where neither has them, what is missing is told of the folder that a person named.
        return folders.FirstOrDefault(Holds)
            ?? (
                AreAtHome(lists.Train, first[0]) && AreAtHome(lists.Test, first[1])
                    ? null
                    : folders[0]
            );
    }

    private static string FirstPath(string list) => ImageList.Read(list).Path(0);

    private static bool AreAtHome(string list, string path) =>
        File.Exists(Path.Combine(ListedSet.Home(list), path));

    /// <summary>Opens a file for reading from start to end.</summary>
    public static FileStream Open(string path)
    {
        try
        {
            return new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read,
                bufferSize: 1 << 16,
                FileOptions.SequentialScan
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be read: {e.Message}");
        }
    }
}

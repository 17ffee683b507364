using LongTail.Core.Files;
using LongTail.Core.Images;
using LongTail.Core.Settings;

namespace LongTail.Core.Data;

/// <summary>A data set whose images are files: lists of them, or class folders.</summary>
public sealed class ListedSet
{
    private readonly ClassOrder order;
    private readonly string[]? folders;

    /// <param name="folders">The class folders' names, by their labels; null of lists.</param>
    private ListedSet(FileImages train, FileImages test, string[]? folders)
    {
        (Train, Test, this.folders) = (train, test, folders);
        if (train.List.Unlearnable is { } why)
            throw new InputException($"{train.List.File} {why}");
        if (test.List.Labels.Max() is var last && last >= train.List.Classes)
            throw new InputException(
                $"{test.List.File} has the label {last} ({test.List.FirstOf(last)}), and {train.List.File} has no image of class {last}: number the classes of both lists from 0 in one way, and give each an image to learn from"
            );
        order = new ClassOrder(train.List.Counts());
        Doubts =
        [
            .. train.List.Doubts,
            .. test.List.Doubts,
            .. Overlap.Of(train, test),
            .. Unjudged(),
        ];
    }

    public FileImages Train { get; }

    public FileImages Test { get; }

    /// <summary>What a person should know of the files before a run.</summary>
    public IReadOnlyList<DataDoubt> Doubts { get; }

    public DataFacts Facts =>
        new(
            Counts(Train),
            Counts(Test),
            null,
            ContentHash.OfLines([
                .. ClassNames,
                .. ClassLabels.Select(label => $"{label}"),
                Train.ContentHash,
                .. Classes(Train),
                Test.ContentHash,
                .. Classes(Test),
            ]),
            Doubts
        )
        {
            EmptyToLearn = Train.Empty,
            EmptyToJudge = Test.Empty,
        };

    /// <summary>
    /// The class folders' names. Of lists the folder that a class's first image is in, which is how the published sets name
    /// theirs, or "class LABEL" where these folders do not tell the classes apart.
    /// </summary>
    public IReadOnlyList<string> ClassNames
    {
        get
        {
            if (folders is not null)
                return [.. order.Original.Select(label => folders[label])];
            var first = new int[order.Original.Count];
            for (var i = Train.Count - 1; i >= 0; i--)
                first[order[Train.Labels[i]]] = i;
            string[] own =
            [
                .. first.Select(i =>
                    Path.GetFileName(Path.GetDirectoryName(Train.List.Path(i))) ?? ""
                ),
            ];
            return own.Distinct().Count() == own.Length && !own.Contains("")
                ? own
                : [.. order.Original.Select(label => $"class {label}")];
        }
    }

    /// <summary>The label that the lists give each class, or its folder's place among the folders' names.</summary>
    public IReadOnlyList<int> ClassLabels => order.Original;

    /// <summary>Images of each class, in the order of the training images' falling counts.</summary>
    public int[] Counts(FileImages part)
    {
        var counts = part.List.Counts();
        return [.. order.Original.Select(label => label < counts.Length ? counts[label] : 0)];
    }

    /// <summary>The class of each image, after <see cref="ClassOrder"/> of the training images.</summary>
    public int[] Labels(FileImages part) => [.. part.Labels.Select(label => order[label])];

    /// <summary>Finds the lists and looks for every image that they name.</summary>
    /// <param name="folder">That the lists' paths begin in; null takes each list's own.</param>
    /// <exception cref="InputException">What is missing, all in one line; or a list is damaged, or not the published one.</exception>
    public static ListedSet Open(DataSource source, string? folder)
    {
        var ((train, test), (trainFolder, testFolder), names) = source switch
        {
            PublishedImages { Set: var set } => Published(set, folder),
            ListedImages lists => (
                (ImageList.Read(lists.Train), ImageList.Read(lists.Test)),
                (folder ?? Home(lists.Train), folder ?? Home(lists.Test)),
                null
            ),
            ClassFolders folders => Folders(folders),
            _ => throw new ArgumentOutOfRangeException(nameof(source), source, "unknown source"),
        };
        var missing = new List<string>();
        var parts = (Images(train, trainFolder), Images(test, testFolder));
        return missing.Count == 0
            ? new ListedSet(parts.Item1!, parts.Item2!, names)
            : throw new InputException(string.Join("; ", missing));

        FileImages? Images(ImageList list, string place)
        {
            try
            {
                return new FileImages(list, place);
            }
            catch (InputException e)
            {
                missing.Add(e.Message);
                return null;
            }
        }
    }

    private static ((ImageList, ImageList), (string, string), string[]?) Published(
        ImageSet set,
        string? folder
    )
    {
        var lists =
            PublishedList.Of(set)
            ?? throw new ArgumentOutOfRangeException(nameof(set), set, "not published as lists");
        var place = lists.FolderIn(folder);
        var train = ImageList.Read(Path.Combine(place, lists.Train));
        var test = ImageList.Read(Path.Combine(place, lists.Test));
        var faults = lists.Faults(train, test);
        return faults.Count == 0
            ? ((train, test), (place, place), null)
            : throw new InputException(
                $"{string.Join("; ", faults)}: bring the published lists, or declare these as lists of your own"
            );
    }

    private static ((ImageList, ImageList), (string, string), string[]?) Folders(
        ClassFolders folders
    )
    {
        var (train, names) = ImageList.OfFolders(folders.Train);
        var (test, _) = ImageList.OfFolders(folders.Test, names);
        return ((train, test), (folders.Train, folders.Test), names);
    }

    private IEnumerable<DataDoubt> Unjudged()
    {
        var counts = Counts(Test);
        string[] without = [.. ClassNames.Where((_, j) => counts[j] == 0)];
        if (without.Length > 0)
            yield return new(
                Test.List.File,
                $"classes that are learnt and have no image here: {without.Length}, as {DataDoubt.Some(without)}",
                "their accuracy is not judged, and no mean holds it"
            );
    }

    internal static string Home(string list) =>
        Path.GetDirectoryName(Path.GetFullPath(list)) ?? "/";

    private IEnumerable<string> Classes(FileImages part) =>
        Labels(part).Select(label => $"{label}");
}

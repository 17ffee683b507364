using LongTail.Core.Settings;

namespace LongTail.Core.Data;

/// <summary>A published set of small images of one size: it is read whole, and what it counts is known before it is read.</summary>
/// <param name="TrainImages">Of each class, as <paramref name="TestImages"/>.</param>
/// <param name="Side">Of its images, in pixels.</param>
public sealed record ResidentSet(
    ImageSet Set,
    int Classes,
    int TrainImages,
    int TestImages,
    int Channels,
    int Side
)
{
    public static IReadOnlyList<ResidentSet> All { get; } =
    [
        new(ImageSet.FashionMnist, 10, 6000, 1000, 1, 28),
        new(ImageSet.Cifar10, 10, 5000, 1000, 3, 32),
        new(ImageSet.Cifar100, 100, 500, 100, 3, 32),
    ];

    public static ResidentSet Of(ImageSet set) => All.First(resident => resident.Set == set);

    /// <summary>The source's, null where its images are files.</summary>
    public static ResidentSet? Of(DataSource source) =>
        source is PublishedImages { Set: var set }
            ? All.FirstOrDefault(resident => resident.Set == set)
            : null;

    /// <param name="folder">That holds the set's files; null looks where the set usually lies.</param>
    /// <exception cref="InputException">Files missing or damaged.</exception>
    public ImageData Read(string? folder, bool train) =>
        Set switch
        {
            ImageSet.FashionMnist => FashionMnist.Read(folder, train),
            ImageSet.Cifar10 => Cifar.Read10(folder, train),
            ImageSet.Cifar100 => Cifar.Read100(folder, train),
            _ => throw Unknown,
        };

    /// <summary>Reads all files and keeps nothing: what is wrong with them is said before a run begins.</summary>
    /// <exception cref="InputException">Files missing or damaged.</exception>
    public void Check(string? folder)
    {
        Read(folder, train: true);
        Read(folder, train: false);
    }

    /// <exception cref="InputException">Files missing.</exception>
    public DataFacts Facts(string? folder) => FactsOf(Files.ContentHash.OfAll(FilesIn(folder)));

    /// <summary>The same of files that are known by what their content hash was.</summary>
    public DataFacts FactsOf(string contentHash) =>
        new(
            [.. Enumerable.Repeat(TrainImages, Classes)],
            [.. Enumerable.Repeat(TestImages, Classes)],
            Side,
            contentHash,
            []
        );

    /// <summary>Where the set's files lie.</summary>
    /// <exception cref="InputException">Files missing.</exception>
    public string[] FilesIn(string? folder) =>
        Set switch
        {
            ImageSet.FashionMnist => FashionMnist.Files(folder),
            ImageSet.Cifar10 => Cifar.Files10(folder),
            ImageSet.Cifar100 => Cifar.Files100(folder),
            _ => throw Unknown,
        };

    internal SetPlace Place =>
        Set switch
        {
            ImageSet.FashionMnist => FashionMnist.Place(train: true),
            ImageSet.Cifar10 => Cifar.Place10,
            ImageSet.Cifar100 => Cifar.Place100,
            _ => throw Unknown,
        };

    private ArgumentOutOfRangeException Unknown => new(nameof(Set), Set, "no resident data set");
}

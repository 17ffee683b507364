using LongTail.Core.Settings;

namespace LongTail.Core.Data;

/// <summary>A long-tailed set that is published as lists, and what its lists must count (method.md 4.4).</summary>
/// <param name="Name">As a person says it; a folder of this name may hold it.</param>
/// <param name="Train">Name of the training list.</param>
/// <param name="Test">Name of the list that it is judged by.</param>
/// <param name="Largest">Training images of the largest class.</param>
/// <param name="Smallest">Training images of the smallest class.</param>
/// <param name="Head">Classes of the published head; those behind them are medium.</param>
/// <param name="Medium">Classes of the published head and medium; those behind them are tail.</param>
public sealed record PublishedList(
    ImageSet Set,
    string Name,
    string Train,
    string Test,
    int Classes,
    int TrainImages,
    int TestImages,
    int Largest,
    int Smallest,
    int Head,
    int Medium
)
{
    public static IReadOnlyList<PublishedList> All { get; } =
    [
        new(
            ImageSet.ImageNetLt,
            "imagenet-lt",
            "ImageNet_LT_train.txt",
            "ImageNet_LT_test.txt",
            1000,
            115_846,
            50_000,
            1280,
            5,
            390,
            835
        ),
        new(
            ImageSet.PlacesLt,
            "places-lt",
            "Places_LT_train.txt",
            "Places_LT_test.txt",
            365,
            62_500,
            36_500,
            4980,
            5,
            131,
            288
        ),
        new(
            ImageSet.INaturalist2018,
            "inaturalist2018",
            "iNaturalist18_train.txt",
            "iNaturalist18_val.txt",
            8142,
            437_513,
            24_426,
            1000,
            2,
            842,
            4543
        ),
    ];

    /// <summary>The set's, null where it is not published as lists.</summary>
    public static PublishedList? Of(ImageSet set) => All.FirstOrDefault(list => list.Set == set);

    /// <summary>Where its lists lie, and the images with them.</summary>
    /// <param name="folder">The folder itself, or its parent; null looks where the set usually lies.</param>
    /// <exception cref="InputException">They are not there.</exception>
    public string FolderIn(string? folder) => Place.In(folder);

    internal SetPlace Place =>
        new(
            Name,
            Name,
            [Train],
            $"put {Train}, {Test} and the images that they name into a folder, and name it with --data"
        );

    /// <summary>How the two lists differ from the published ones, a line each; none where they do not.</summary>
    public IReadOnlyList<string> Faults(ImageList train, ImageList test)
    {
        var counts = train.Counts();
        return
        [
            .. Differs(train.File, "images", train.Count, TrainImages),
            .. Differs(train.File, "classes", train.Classes, Classes),
            .. Differs(train.File, "images in the largest class", counts.Max(), Largest),
            .. Differs(train.File, "images in the smallest class", counts.Min(), Smallest),
            .. Differs(test.File, "images", test.Count, TestImages),
            .. Differs(test.File, "classes", test.Classes, Classes),
        ];
    }

    private static IEnumerable<string> Differs(string file, string what, int found, int published)
    {
        if (found != published)
            yield return $"{file} has {found} {what}, the published one {published}";
    }
}

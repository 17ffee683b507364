namespace LongTail.Core.Settings;

public enum ImageSet
{
    FashionMnist,
    Cifar10,
    Cifar100,
    ImageNetLt,
    PlacesLt,
    INaturalist2018,
}

/// <summary>Where images and their classes come from.</summary>
public abstract record DataSource;

/// <summary>A published set, as its authors lay out its files.</summary>
public sealed record PublishedImages(ImageSet Set) : DataSource;

/// <summary>Two list files, "relative/path label" a line, of images in the data folder.</summary>
/// <param name="Train">Path of the list of images to learn from.</param>
/// <param name="Test">Path of the list of images to judge by.</param>
public sealed record ListedImages(string Train, string Test) : DataSource;

/// <summary>Two folders with a folder for each class.</summary>
/// <param name="Train">Of the images to learn from.</param>
/// <param name="Test">Of the images to judge by.</param>
public sealed record ClassFolders(string Train, string Test) : DataSource;

/// <summary>How class sizes fall from the first class to the last (method.md 4.1).</summary>
public enum ImbalanceProfile
{
    /// <summary>n_j = trunc(n_max * IF^(-j/(C-1))).</summary>
    Exponential,

    /// <summary>The first half of the classes has n_max images, the rest trunc(n_max / IF).</summary>
    Step,
}

/// <summary>A data set and the long-tailed subset of it that is trained on.</summary>
/// <param name="ImbalanceFactor">Largest over smallest class that the set is cut to, at least 1; 1 takes every class as it is.</param>
/// <param name="LargestClass">Images of the largest class (n_max); null takes all that the set has of a class.</param>
/// <param name="TestImagesPerClass">The first so many test images of each class in file order; null takes all.</param>
/// <param name="SelectionSeed">Seed of the MT19937 that chooses the images kept (published: 0).</param>
/// <param name="Broken">Of the images to learn from, where they are files; a test image must be sound.</param>
/// <param name="PackedSide">Images are decoded once, the shorter side resized to so many pixels, and kept; null decodes them whenever they are read.</param>
/// <param name="ContentHash">Of the set's files (<see cref="Data.DataFacts.ContentHash"/>): the run is named by what they hold, not by where they lie.</param>
public sealed record DataSettings(
    DataSource Source,
    ImbalanceProfile Profile,
    double ImbalanceFactor,
    int? LargestClass,
    int? TestImagesPerClass,
    uint SelectionSeed,
    BrokenImages Broken,
    int? PackedSide,
    string ContentHash
);

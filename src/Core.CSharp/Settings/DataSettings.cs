namespace LongTail.Core.Settings;

public enum ImageSet
{
    FashionMnist,
    Cifar10,
    Cifar100,
}

/// <summary>How class sizes fall from the first class to the last (method.md 4.1).</summary>
public enum ImbalanceProfile
{
    /// <summary>n_j = trunc(n_max * IF^(-j/(C-1))).</summary>
    Exponential,

    /// <summary>The first half of the classes has n_max images, the rest trunc(n_max / IF).</summary>
    Step,
}

/// <summary>A data set and the long-tailed subset of it that is trained on.</summary>
/// <param name="ImbalanceFactor">Largest over smallest class, at least 1; 1 keeps the set balanced.</param>
/// <param name="LargestClass">Images of the largest class (n_max); null takes all that the set has of a class.</param>
/// <param name="TestImagesPerClass">The first so many test images of each class in file order; null takes all.</param>
/// <param name="SelectionSeed">Seed of the MT19937 that chooses the images kept (published: 0).</param>
/// <param name="ContentHash">Of the set's files (<see cref="Data.DataSet.ContentHash"/>): the run is named by what they hold, not by where they lie.</param>
public sealed record DataSettings(
    ImageSet Set,
    ImbalanceProfile Profile,
    double ImbalanceFactor,
    int? LargestClass,
    int? TestImagesPerClass,
    uint SelectionSeed,
    string ContentHash
);

using LongTail.Core.Settings;
using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Data;

/// <summary>Images and their classes on the run's device.</summary>
/// <param name="Images">uint8, N x C x H x W.</param>
/// <param name="Labels">int64, N.</param>
public sealed record Split(Tensor Images, Tensor Labels) : IDisposable
{
    public long Count => Labels.shape[0];

    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }
}

/// <summary>The long-tailed training subset of a data set, and its test images.</summary>
public sealed class DataSet : IDisposable
{
    private DataSet(ImageData train, ImageData test, int[] classCounts, Device device)
    {
        Name = train.Name;
        ClassNames = train.ClassNames;
        ClassCounts = classCounts;
        Train = OnDevice(train, device);
        Test = OnDevice(test, device);
    }

    public string Name { get; }

    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Training images of each class, largest first.</summary>
    public IReadOnlyList<int> ClassCounts { get; }

    /// <summary>The kept images, one class after the other (method.md 4.2).</summary>
    public Split Train { get; }

    /// <summary>In file order.</summary>
    public Split Test { get; }

    /// <summary>Reads a data set, chooses its long-tailed subset and brings both parts to the device.</summary>
    /// <exception cref="InputException">Files missing or damaged, or settings that the images cannot meet.</exception>
    public static DataSet Load(DataSettings settings, RunPlace place)
    {
        var train = Read(settings.Set, place.DataFolder, train: true);
        var classes = train.ClassNames.Count;
        var counts = LongTailed.Counts(
            settings.Profile,
            settings.ImbalanceFactor,
            settings.LargestClass ?? train.Count / classes,
            classes
        );
        var kept = train.Take(Selection.Published(train.Labels, counts, settings.SelectionSeed));
        var test = Read(settings.Set, place.DataFolder, train: false);
        if (settings.TestImagesPerClass is { } count)
            test = test.Take(Selection.FirstOfEachClass(test.Labels, classes, count));
        return new DataSet(kept, test, counts, device(place.Device));
    }

    /// <summary>So many images of noise in the set's size and classes, for what does not depend on what they show.</summary>
    internal static DataSet Noise(DataSettings settings, int images, Device device)
    {
        var (channels, side) = settings.Set == ImageSet.FashionMnist ? (1, 28) : (3, 32);
        var names = new string[settings.Set == ImageSet.Cifar100 ? 100 : 10];
        var pixels = new byte[images * channels * side * side];
        new Random(0).NextBytes(pixels);
        byte[] labels = [.. Enumerable.Range(0, images).Select(i => (byte)(i % names.Length))];
        var noise = new ImageData("noise", channels, side, side, pixels, labels, names);
        var counts = LongTailed.Counts(
            settings.Profile,
            settings.ImbalanceFactor,
            settings.LargestClass ?? images,
            names.Length
        );
        return new DataSet(noise, noise, counts, device);
    }

    public void Dispose()
    {
        Train.Dispose();
        Test.Dispose();
    }

    /// <summary>Reads a data set's files and keeps nothing: what is wrong with them is said before a run begins.</summary>
    /// <exception cref="InputException">Files missing or damaged.</exception>
    public static void Check(ImageSet set, string? folder)
    {
        Read(set, folder, train: true);
        Read(set, folder, train: false);
    }

    /// <summary>Training images of each class in the whole set.</summary>
    /// <exception cref="InputException">Files missing or damaged.</exception>
    public static int[] Counts(ImageSet set, string? folder)
    {
        var data = Read(set, folder, train: true);
        var counts = new int[data.ClassNames.Count];
        foreach (var label in data.Labels)
            counts[label]++;
        return counts;
    }

    /// <summary>Names a data set's files by their bytes, as 64 hex digits.</summary>
    /// <exception cref="InputException">Files missing.</exception>
    public static string ContentHash(ImageSet set, string? folder) =>
        Files.ContentHash.OfAll(
            set switch
            {
                ImageSet.FashionMnist => FashionMnist.Files(folder),
                ImageSet.Cifar10 => Cifar.Files10(folder),
                ImageSet.Cifar100 => Cifar.Files100(folder),
                _ => throw Unknown(set),
            }
        );

    private static ArgumentOutOfRangeException Unknown(ImageSet set) =>
        new(nameof(set), set, "unknown data set");

    private static ImageData Read(ImageSet set, string? folder, bool train) =>
        set switch
        {
            ImageSet.FashionMnist => FashionMnist.Read(folder, train),
            ImageSet.Cifar10 => Cifar.Read10(folder, train),
            ImageSet.Cifar100 => Cifar.Read100(folder, train),
            _ => throw Unknown(set),
        };

    private static Split OnDevice(ImageData data, Device device)
    {
        long[] shape = [data.Count, data.Channels, data.Height, data.Width];
        return new Split(
            tensor(data.Pixels, shape, device: device),
            tensor(Array.ConvertAll(data.Labels, label => (long)label), device: device)
        );
    }
}

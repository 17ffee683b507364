using LongTail.Core.Files;
using LongTail.Core.Images;
using LongTail.Core.Settings;
using static TorchSharp.torch;

namespace LongTail.Core.Data;

/// <summary>The long-tailed training subset of a data set, and its test images.</summary>
public sealed class DataSet : IDisposable
{
    private DataSet(
        Split train,
        Split test,
        IReadOnlyList<int> classCounts,
        IReadOnlyList<string> classNames,
        IReadOnlyList<int> classLabels,
        InputSettings input
    )
    {
        (Train, Test) = (train, test);
        (ClassCounts, ClassNames, ClassLabels) = (classCounts, classNames, classLabels);
        Input = input;
    }

    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The number that the set itself gives each class: lists and folders are renumbered by falling count.</summary>
    public IReadOnlyList<int> ClassLabels { get; }

    /// <summary>Training images of each class, largest first.</summary>
    public IReadOnlyList<int> ClassCounts { get; }

    /// <summary>The kept images, one class after the other (method.md 4.2).</summary>
    public Split Train { get; }

    /// <summary>In file order.</summary>
    public Split Test { get; }

    /// <summary>What is left to do to the splits' batches: of image files the frames are taken as they are decoded.</summary>
    public InputSettings Input { get; }

    /// <summary>Reads a data set, or opens its files, and chooses its long-tailed subset.</summary>
    /// <param name="seed">Of the run: random frames go by it.</param>
    /// <exception cref="InputException">Files missing or damaged, or settings that the images cannot meet.</exception>
    public static DataSet Load(
        DataSettings settings,
        InputSettings input,
        long seed,
        RunPlace place
    ) =>
        ResidentSet.Of(settings.Source) is { } resident
            ? Read(resident, settings, input, place)
            : Open(settings, input, seed, place);

    /// <summary>So many images of noise in the set's size, for what does not depend on what they show.</summary>
    internal static DataSet Noise(
        DataSettings settings,
        InputSettings input,
        int images,
        Device device
    )
    {
        var set = ResidentSet.Of(settings.Source);
        // The number of classes hardly changes what a step costs, and of lists it would take the files.
        var classes = set?.Classes ?? 1000;
        var (train, toLearn) = Part(input.Train);
        var (test, toJudge) = Part(input.Test);
        int[] counts = [.. Enumerable.Repeat(images, classes)];
        var left = input with { Train = toLearn, Test = toJudge };
        return new DataSet(train, test, counts, new string[classes], new int[classes], left);

        (Split, IReadOnlyList<TransformSettings>) Part(IReadOnlyList<TransformSettings> transforms)
        {
            if (set is not null)
                return (Noise(set.Channels, set.Side), transforms);
            var (framing, left) = Framing.Of(transforms);
            return (Noise(3, framing.Side), left);
        }

        ResidentSplit Noise(int channels, int side)
        {
            var pixels = new byte[images * channels * side * side];
            new Random(0).NextBytes(pixels);
            byte[] labels = [.. Enumerable.Range(0, images).Select(i => (byte)(i % classes))];
            return ResidentSplit.Of(new("noise", channels, side, side, pixels, labels, []), device);
        }
    }

    public void Dispose()
    {
        Train.Dispose();
        Test.Dispose();
    }

    private static DataSet Read(
        ResidentSet set,
        DataSettings settings,
        InputSettings input,
        RunPlace place
    )
    {
        var train = set.Read(place.DataFolder, train: true);
        var have = Enumerable.Repeat(train.Count / set.Classes, set.Classes);
        var counts = Kept(settings, [.. have]);
        var test = set.Read(place.DataFolder, train: false);
        var device = Machine.Device(place.Device);
        return new DataSet(
            ResidentSplit.Of(train.Take(Learnt(Classes(train), counts, settings)), device),
            ResidentSplit.Of(test.Take(Judged(Classes(test), counts, settings)), device),
            counts,
            train.ClassNames,
            [.. Enumerable.Range(0, counts.Length)],
            input
        );
    }

    private static DataSet Open(
        DataSettings settings,
        InputSettings input,
        long seed,
        RunPlace place
    )
    {
        var set = ListedSet.Open(settings.Source, place.DataFolder);
        var counts = Kept(settings, set.Counts(set.Train));
        var (learn, toLearn) = Framing.Of(input.Train);
        var (judge, toJudge) = Framing.Of(input.Test);
        if (settings.PackedSide is null)
            set.Test.RequireSound(get_num_threads());
        return new DataSet(
            Part(set.Train, settings.Broken, Learnt),
            Part(set.Test, BrokenImages.Fail, Judged),
            counts,
            set.ClassNames,
            set.ClassLabels,
            input with
            {
                Train = toLearn,
                Test = toJudge,
            }
        );

        FiledSplit Part(
            FileImages files,
            BrokenImages broken,
            Func<IReadOnlyList<int>, IReadOnlyList<int>, DataSettings, int[]> choose
        )
        {
            var labels = set.Labels(files);
            var chosen = choose(labels, counts, settings);
            int[] classes = [.. chosen.Select(i => labels[i])];
            var packed = settings.PackedSide is { } side
                ? PackedImages.Open(files, side, Packs, broken, get_num_threads())
                : null;
            return new(
                new ChosenImages(packed is null ? files : packed, chosen, classes),
                tensor(
                    Array.ConvertAll(classes, j => (long)j),
                    device: Machine.Device(place.Device)
                ),
                learn,
                judge,
                seed,
                broken,
                packed
            );
        }
    }

    private static string Packs => UserCache.Path("packed");

    private static int[] Classes(ImageData data) => Array.ConvertAll(data.Labels, j => (int)j);

    private static int[] Kept(DataSettings settings, IReadOnlyList<int> have) =>
        LongTailed.Kept(settings.Profile, settings.ImbalanceFactor, settings.LargestClass, have);

    private static int[] Learnt(
        IReadOnlyList<int> labels,
        IReadOnlyList<int> counts,
        DataSettings settings
    ) => Selection.Published(labels, counts, settings.SelectionSeed);

    private static int[] Judged(
        IReadOnlyList<int> labels,
        IReadOnlyList<int> counts,
        DataSettings settings
    ) =>
        Selection.FirstOfEachClass(
            labels,
            counts.Count,
            settings.TestImagesPerClass ?? int.MaxValue
        );
}

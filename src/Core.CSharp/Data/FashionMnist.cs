namespace LongTail.Core.Data;

/// <summary>Fashion-MNIST (Xiao, Rasul and Vollgraf 2017): 28 x 28 gray images, ten classes.</summary>
public static class FashionMnist
{
    /// <summary>Where Debian's package dataset-fashion-mnist puts the files.</summary>
    public const string SystemFolder = "/usr/share/datasets/fashion-mnist";

    private const string Name = "Fashion-MNIST";
    private const int Side = 28;

    private static readonly string[] classNames =
    [
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ];

    /// <summary>Reads the four IDX files' training or test pair, gzipped or plain.</summary>
    /// <param name="folder">Folder that holds them, or whose child fashion-mnist does; null looks in <see cref="SystemFolder"/> and in <see cref="DataFolder.Own"/>.</param>
    /// <exception cref="InputException">A file is missing, truncated, or of another format or size.</exception>
    public static ImageData Read(string? folder, bool train)
    {
        var (images, labels) = Pair(folder, train);
        var (sizes, pixels) = Idx.Read(images, rank: 3);
        if (sizes[0] == 0 || sizes[1] != Side || sizes[2] != Side)
            throw new InputException(
                $"{images} holds {string.Join(" x ", sizes)} values, not images of {Side} x {Side}"
            );
        var (_, targets) = Idx.Read(labels, rank: 1);
        if (targets.Length != sizes[0])
            throw new InputException(
                $"{labels} has {targets.Length} labels for the {sizes[0]} images of {images}"
            );
        var wrong = targets.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)9);
        if (wrong >= 0)
            throw new InputException(
                $"{labels}: label {targets[wrong]} of image {wrong} is not one of ten classes"
            );
        return new ImageData(Name, 1, Side, Side, pixels, targets, classNames);
    }

    /// <summary>The four files as <see cref="Read"/> finds them.</summary>
    /// <exception cref="InputException">One is missing.</exception>
    internal static string[] Files(string? folder)
    {
        var (train, test) = (Pair(folder, train: true), Pair(folder, train: false));
        return [train.Images, train.Labels, test.Images, test.Labels];
    }

    internal static SetPlace Place(bool train) =>
        new(
            Name,
            "fashion-mnist",
            [Images(train), Images(train) + ".gz"],
            "`longtail data get fashionmnist` or `apt-get install dataset-fashion-mnist` fetches it, or name with --data the folder of its four IDX files",
            SystemFolder
        );

    private static string Part(bool train) => train ? "train" : "t10k";

    private static string Images(bool train) => $"{Part(train)}-images-idx3-ubyte";

    private static (string Images, string Labels) Pair(string? folder, bool train)
    {
        var place = Place(train).In(folder);
        return (
            PlainOrGzipped(place, Images(train)),
            PlainOrGzipped(place, $"{Part(train)}-labels-idx1-ubyte")
        );
    }

    private static string PlainOrGzipped(string folder, string file)
    {
        var plain = Path.Combine(folder, file);
        return File.Exists(plain) ? plain
            : File.Exists(plain + ".gz") ? plain + ".gz"
            : throw new InputException(
                $"{Name}: {folder} lacks {file}, plain or .gz: fetch the four IDX files again"
            );
    }
}

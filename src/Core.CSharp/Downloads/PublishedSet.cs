using LongTail.Core.Data;
using LongTail.Core.Settings;

namespace LongTail.Core.Downloads;

/// <summary>Where a data set is published, and what its authors ask for.</summary>
/// <param name="Page">Its authors' page.</param>
/// <param name="Terms">Licence, or in one line what is known of the terms of use.</param>
/// <param name="Files">By the name that each gets.</param>
/// <param name="Content">The folder that the archive holds; null where the files are used as they come.</param>
public sealed record PublishedSet(
    ImageSet Set,
    Uri Page,
    string Terms,
    IReadOnlyDictionary<string, PublishedFile> Files,
    string? Content
)
{
    private const string Toronto = "https://www.cs.toronto.edu/~kriz/";
    private const string Zalando = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";

    /// <summary>Checksums and lengths are those of the authors' pages.</summary>
    public static IReadOnlyList<PublishedSet> All { get; } =
    [
        Cifar(
            ImageSet.Cifar10,
            "cifar-10-binary.tar.gz",
            170052171,
            "c32a1d4ab5d03f1284b67883e8d87530",
            "cifar-10-batches-bin"
        ),
        Cifar(
            ImageSet.Cifar100,
            "cifar-100-binary.tar.gz",
            168513733,
            "03b5dce01913d631647c71ecec9e9cb8",
            "cifar-100-binary"
        ),
        new(
            ImageSet.FashionMnist,
            new("https://github.com/zalandoresearch/fashion-mnist"),
            "MIT licence, Zalando SE; cite Xiao, Rasul and Vollgraf 2017",
            new Dictionary<string, PublishedFile>
            {
                ["train-images-idx3-ubyte.gz"] = Fashion(
                    "train-images-idx3-ubyte.gz",
                    26421880,
                    "8d4fb7e6c68d591d4c3dfef9ec88bf0d"
                ),
                ["train-labels-idx1-ubyte.gz"] = Fashion(
                    "train-labels-idx1-ubyte.gz",
                    29515,
                    "25c81989df183df01b3e8a0aad5dffbe"
                ),
                ["t10k-images-idx3-ubyte.gz"] = Fashion(
                    "t10k-images-idx3-ubyte.gz",
                    4422102,
                    "bef4ecab320f06d8554ea6380940ec79"
                ),
                ["t10k-labels-idx1-ubyte.gz"] = Fashion(
                    "t10k-labels-idx1-ubyte.gz",
                    5148,
                    "bb300cfdad3c16e7a12a480ee83cd310"
                ),
            },
            null
        ),
    ];

    /// <summary>Fetches what is missing into a folder and unpacks it there.</summary>
    /// <param name="mirror">Folder address to fetch from instead of the authors'.</param>
    /// <param name="checksum">Of the mirror's archive, where it is packed otherwise; null expects the authors' bytes.</param>
    /// <param name="progress">Hears a file's name and how much of it is here, in bytes.</param>
    /// <exception cref="InputException">As <see cref="Download.Fetch"/> and <see cref="Archive.Unpack"/>.</exception>
    public void Fetch(
        Download download,
        string folder,
        Uri? mirror,
        string? checksum,
        Action<string, long> progress,
        CancellationToken cancellation
    )
    {
        foreach (var (name, file) in Files)
        {
            var from = mirror is null ? file : file with { Address = new Uri(mirror, name) };
            if (checksum is not null)
                from = new PublishedFile(from.Address, null, checksum);
            var target = Path.Combine(folder, name);
            download.Fetch(from, target, here => progress(name, here), cancellation);
            if (Content is not null)
                Archive.Unpack(target, Content, folder);
        }
        ResidentSet.Of(Set).Check(folder);
    }

    private static PublishedSet Cifar(
        ImageSet set,
        string archive,
        long length,
        string md5,
        string content
    ) =>
        new(
            set,
            new(Toronto + "cifar.html"),
            "no licence is stated; cite Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
            new Dictionary<string, PublishedFile>
            {
                [archive] = new(new(Toronto + archive), length, md5),
            },
            content
        );

    private static PublishedFile Fashion(string name, long length, string md5) =>
        new(new(Zalando + name), length, md5);
}

namespace LongTail.Core.Data;

/// <summary>CIFAR-10 and CIFAR-100 (Krizhevsky 2009) in the official binary layout: 32 x 32 images in colour.</summary>
public static class Cifar
{
    private const int Side = 32;
    private const int ImageBytes = 3 * Side * Side;

    /// <param name="LabelBytes">Bytes before the pixels of a row; the last of them is the class.</param>
    private sealed record Layout(
        string Name,
        string Folder,
        int Classes,
        int LabelBytes,
        string[] Train,
        string[] Test,
        string ClassNames
    );

    private static readonly Layout cifar10 = new(
        "CIFAR-10",
        "cifar-10-batches-bin",
        Classes: 10,
        LabelBytes: 1,
        [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin")],
        ["test_batch.bin"],
        "batches.meta.txt"
    );

    private static readonly Layout cifar100 = new(
        "CIFAR-100",
        "cifar-100-binary",
        Classes: 100,
        LabelBytes: 2,
        ["train.bin"],
        ["test.bin"],
        "fine_label_names.txt"
    );

    /// <summary>Reads data_batch_1..5.bin or test_batch.bin.</summary>
    /// <param name="folder">The folder cifar-10-batches-bin or its parent.</param>
    /// <exception cref="InputException">A file is missing, cut short, or holds a label out of range.</exception>
    public static ImageData Read10(string? folder, bool train) => Read(cifar10, folder, train);

    /// <summary>Reads train.bin or test.bin; the class is the fine label.</summary>
    /// <param name="folder">The folder cifar-100-binary or its parent.</param>
    /// <exception cref="InputException">A file is missing, cut short, or holds a label out of range.</exception>
    public static ImageData Read100(string? folder, bool train) => Read(cifar100, folder, train);

    /// <summary>CIFAR-10's files as <see cref="Read10"/> finds them.</summary>
    /// <exception cref="InputException">The folder is missing.</exception>
    internal static string[] Files10(string? folder) => Files(cifar10, folder);

    /// <summary>CIFAR-100's files as <see cref="Read100"/> finds them.</summary>
    /// <exception cref="InputException">The folder is missing.</exception>
    internal static string[] Files100(string? folder) => Files(cifar100, folder);

    private static string[] Files(Layout layout, string? folder)
    {
        var place = Place(layout, layout.Train).In(folder);
        return [.. layout.Train.Concat(layout.Test).Select(file => Path.Combine(place, file))];
    }

    internal static SetPlace Place10 => Place(cifar10, cifar10.Train);

    internal static SetPlace Place100 => Place(cifar100, cifar100.Train);

    private static SetPlace Place(Layout layout, string[] files) =>
        new(
            layout.Name,
            layout.Folder,
            files,
            $"`longtail data get {layout.Name.Replace("-", "").ToLowerInvariant()}` fetches it, or name with --data the folder {layout.Folder} of the official binary version"
        );

    private static ImageData Read(Layout layout, string? folder, bool train)
    {
        var files = train ? layout.Train : layout.Test;
        var place = Place(layout, files).In(folder);
        var paths = files.Select(file => Path.Combine(place, file)).ToArray();
        var rows = paths.Select(path => Rows(path, layout)).ToArray();
        var labels = new byte[rows.Sum()];
        var pixels = new byte[checked(labels.Length * ImageBytes)];
        var first = 0;
        foreach (var (path, count) in paths.Zip(rows))
        {
            ReadRows(path, layout, labels.AsSpan(first, count), pixels.AsSpan(first * ImageBytes));
            first += count;
        }
        return new ImageData(layout.Name, 3, Side, Side, pixels, labels, ClassNames(layout, place));
    }

    private static int Rows(string path, Layout layout)
    {
        using var stream = DataFolder.Open(path);
        var row = layout.LabelBytes + ImageBytes;
        return stream.Length > 0 && stream.Length % row == 0
            ? checked((int)(stream.Length / row))
            : throw new InputException(
                $"{path} has {stream.Length} bytes, not a multiple of {layout.Name}'s rows of {row}: it is cut short or another format, fetch it again"
            );
    }

    private static void ReadRows(string path, Layout layout, Span<byte> labels, Span<byte> pixels)
    {
        using var stream = DataFolder.Open(path);
        Span<byte> head = stackalloc byte[layout.LabelBytes];
        for (var i = 0; i < labels.Length; i++)
        {
            stream.ReadExactly(head);
            labels[i] = head[^1];
            if (labels[i] >= layout.Classes)
                throw new InputException(
                    $"{path}: label {labels[i]} of row {i} is not one of {layout.Classes} classes"
                );
            stream.ReadExactly(pixels.Slice(i * ImageBytes, ImageBytes));
        }
    }

    private static string[] ClassNames(Layout layout, string place)
    {
        var path = Path.Combine(place, layout.ClassNames);
        if (!File.Exists(path))
            return [.. Enumerable.Range(0, layout.Classes).Select(j => $"class {j}")];
        string[] names =
        [
            .. File.ReadLines(path).Select(line => line.Trim()).Where(line => line != ""),
        ];
        return names.Length == layout.Classes
            ? names
            : throw new InputException(
                $"{path} has {names.Length} names for {layout.Classes} classes"
            );
    }
}

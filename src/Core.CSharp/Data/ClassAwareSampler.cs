using static TorchSharp.torch;

namespace LongTail.Core.Data;

/// <summary>
/// Classes in a shuffled cycle, each giving a few images in a row of a shuffled cycle of its own (method.md 4.5): in a full
/// cycle every class comes as often, and no image comes again before all of its class have come.
/// </summary>
public sealed class ClassAwareSampler : Sampler
{
    private readonly long[] imagesByClass;
    private readonly IReadOnlyList<int> classCounts;
    private readonly int perClass;

    /// <param name="labels">(N), int64, of any device: the images' classes.</param>
    /// <param name="classCounts">Images of each class.</param>
    /// <param name="perClass">Images that a class gives in a row. Published: 4.</param>
    /// <exception cref="InputException">no class, or a class without an image</exception>
    /// <exception cref="ArgumentOutOfRangeException">perClass not positive</exception>
    public ClassAwareSampler(Tensor labels, IReadOnlyList<int> classCounts, int perClass)
        : base((long)ClassCounts.Check(classCounts).Max() * classCounts.Count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perClass);
        using var scope = NewDisposeScope();
        imagesByClass = labels.cpu().sort(0, stable: true).Indices.data<long>().ToArray();
        this.classCounts = classCounts;
        this.perClass = perClass;
    }

    private protected override Tensor Draw(Generator generator, double done)
    {
        long classes = classCounts.Count;
        var cycles = (Length + classes * perClass - 1) / (classes * perClass);
        var order = Shuffles(cycles, classes, generator);
        var positions = new List<Tensor>();
        long start = 0;
        foreach (var count in classCounts)
        {
            positions.Add(Cycle(count, cycles * perClass, generator).add(start));
            start += count;
        }
        var images = tensor(imagesByClass).index_select(0, cat(positions));
        return images
            .view(classes, cycles, perClass)[order, arange(cycles).unsqueeze(1)]
            .flatten()
            .narrow(0, 0, Length);
    }

    // The first so many of 0..count-1 shuffled again and again.
    private static Tensor Cycle(long count, long length, Generator generator)
    {
        using var scope = NewDisposeScope();
        return Shuffles((length + count - 1) / count, count, generator)
            .flatten()
            .narrow(0, 0, length)
            .MoveToOuterDisposeScope();
    }

    // (rows, count): a permutation of 0..count-1 in each row.
    private static Tensor Shuffles(long rows, long count, Generator generator)
    {
        using var scope = NewDisposeScope();
        long[] shape = [rows, count];
        return empty(shape, ScalarType.Float64)
            .uniform_(0, 1, generator)
            .sort(1)
            .Indices.MoveToOuterDisposeScope();
    }
}

using LongTail.Core.Images;

namespace LongTail.Core.Data;

/// <summary>
/// Images that two parts of a set share, or that one has under two labels: files of one length whose sampled bytes are the
/// same, so near-certainly the same image.
/// </summary>
internal static class Overlap
{
    /// <exception cref="InputException">The two parts are the same images.</exception>
    internal static IEnumerable<DataDoubt> Of(FileImages train, FileImages test)
    {
        var learnt = new Dictionary<UInt128, int>();
        foreach (var i in Images(train))
            learnt.TryAdd(train.Hashes[i], i);
        var leaks = Images(test).Where(i => learnt.ContainsKey(test.Hashes[i])).ToArray();
        if (
            leaks.Length > 0
            && learnt.Keys.ToHashSet().SetEquals(Images(test).Select(i => test.Hashes[i]))
        )
            throw new InputException(
                $"{train.List.File} and {test.List.File} are the same {test.Count} images: judge by images that nothing is learnt from"
            );
        return [.. Told(leaks), .. TwoLabels(train), .. TwoLabels(test)];

        IEnumerable<DataDoubt> Told(int[] leaks)
        {
            if (leaks.Length > 0)
                yield return new(
                    test.List.File,
                    $"images that are to learn from too, by their length and sampled bytes: {leaks.Length} of {test.Count}, as {DataDoubt.Some([.. leaks.Select(i => Pair(test.List.Path(i), train.List.Path(learnt[test.Hashes[i]])))])}",
                    $"remove them from {train.List.File}, as the accuracy is too high with them"
                );
        }
    }

    private static IEnumerable<DataDoubt> TwoLabels(FileImages part)
    {
        var first = new Dictionary<UInt128, int>();
        var pairs = new List<string>();
        foreach (var i in Images(part))
            if (
                !first.TryAdd(part.Hashes[i], i)
                && part.Labels[first[part.Hashes[i]]] != part.Labels[i]
            )
                pairs.Add(Pair(part.List.Path(i), part.List.Path(first[part.Hashes[i]])));
        if (pairs.Count > 0)
            yield return new(
                part.List.File,
                $"images that stand in two classes, by their length and sampled bytes: {pairs.Count}, as {DataDoubt.Some(pairs)}",
                "keep each in one"
            );
    }

    private static string Pair(string one, string other) =>
        one == other ? one : $"{one} is {other}";

    // All empty files are alike, and no images.
    private static IEnumerable<int> Images(FileImages part) =>
        Enumerable.Range(0, part.Count).Where(i => part.Files[i].Length > 0);
}

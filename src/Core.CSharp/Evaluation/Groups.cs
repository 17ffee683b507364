using LongTail.Core.Data;
using LongTail.Core.Settings;

namespace LongTail.Core.Evaluation;

/// <summary>Where a class stands in the long tail.</summary>
public enum Group
{
    Head,
    Medium,
    Tail,
}

/// <summary>Plain means of the classes' accuracies in each group; null where a group is empty.</summary>
public sealed record GroupMeans(double? Head, double? Medium, double? Tail);

/// <summary>
/// The two rules in use for head, medium and tail. They disagree (CIFAR-100 at imbalance factor 100: 35/35/30
/// classes by count, 36/35/29 by range), so a number is worth something only with its rule.
/// </summary>
public static class Groups
{
    /// <summary>Over 100 training images is head, 20 to 100 medium, under 20 tail (method.md 4.4).</summary>
    public static Group[] ByTrainingCount(IReadOnlyList<int> counts) =>
        [
            .. counts.Select(n =>
                n > 100 ? Group.Head
                : n >= 20 ? Group.Medium
                : Group.Tail
            ),
        ];

    /// <summary>
    /// The index ranges of the published tables, the same for every imbalance factor (method.md 4.4). Fashion-MNIST,
    /// which has none, takes CIFAR-10's, as it has ten classes too; null for a set of one's own.
    /// </summary>
    public static Group[]? ByPublishedRange(DataSource source) =>
        source is PublishedImages { Set: var set } ? ByRange(set) : null;

    private static Group[] ByRange(ImageSet set)
    {
        var (head, medium, classes) =
            PublishedList.Of(set) is { } lists ? (lists.Head, lists.Medium, lists.Classes)
            : set == ImageSet.Cifar100 ? (36, 71, 100)
            : (3, 7, 10);
        return
        [
            .. Enumerable
                .Range(0, classes)
                .Select(j =>
                    j < head ? Group.Head
                    : j < medium ? Group.Medium
                    : Group.Tail
                ),
        ];
    }

    /// <summary>Means over the classes that have an accuracy.</summary>
    /// <param name="accuracies">One a class, null where it has no test image.</param>
    /// <param name="groups">One a class.</param>
    public static GroupMeans Means(IReadOnlyList<double?> accuracies, IReadOnlyList<Group> groups)
    {
        if (accuracies.Count != groups.Count)
            throw new ArgumentException($"{accuracies.Count} accuracies, {groups.Count} groups");
        // Average of an empty sequence of nullables is null, not NaN.
        double? Mean(Group group) => accuracies.Where((_, j) => groups[j] == group).Average();
        return new GroupMeans(Mean(Group.Head), Mean(Group.Medium), Mean(Group.Tail));
    }
}

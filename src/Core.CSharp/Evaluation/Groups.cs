using System.Text.Json.Serialization;
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
/// How classes are told apart into head, medium and tail. Rules disagree (CIFAR-100 at imbalance factor 100: 35/35/30
/// classes by count, 36/35/29 by range), so a number is worth something only with its rule.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "Rule")]
[JsonDerivedType(typeof(CountGroups), "Count")]
[JsonDerivedType(typeof(RangeGroups), "Range")]
[JsonDerivedType(typeof(StepGroups), "Step")]
public abstract record GroupRule
{
    /// <param name="counts">Training images of each class, the largest first.</param>
    /// <returns>The group of each class.</returns>
    public abstract Group[] Of(IReadOnlyList<int> counts);

    /// <summary>Means over the classes that have an accuracy.</summary>
    /// <param name="accuracies">One a class, null where it has no test image.</param>
    /// <param name="counts">Training images of each class, the largest first.</param>
    public GroupMeans Means(IReadOnlyList<double?> accuracies, IReadOnlyList<int> counts)
    {
        if (accuracies.Count != counts.Count)
            throw new ArgumentException($"{accuracies.Count} accuracies, {counts.Count} classes");
        var groups = Of(counts);
        // Average of an empty sequence of nullables is null, not NaN.
        double? Mean(Group group) => accuracies.Where((_, j) => groups[j] == group).Average();
        return new GroupMeans(Mean(Group.Head), Mean(Group.Medium), Mean(Group.Tail));
    }
}

/// <summary>By training images: more than the one threshold is head, fewer than the other tail.</summary>
public sealed record CountGroups(int HeadAbove, int TailBelow) : GroupRule
{
    /// <summary>Over 100 training images is head, 20 to 100 medium, under 20 tail (method.md 4.4).</summary>
    public static CountGroups Usual { get; } = new(100, 20);

    public override Group[] Of(IReadOnlyList<int> counts) =>
        [
            .. counts.Select(n =>
                n > HeadAbove ? Group.Head
                : n >= TailBelow ? Group.Medium
                : Group.Tail
            ),
        ];
}

/// <summary>By the classes' places, whatever they count: the published tables' rule, the same for every imbalance factor.</summary>
/// <param name="Head">Classes of the head; those behind them are medium.</param>
/// <param name="Medium">Classes of head and medium; those behind them are tail.</param>
public sealed record RangeGroups(int Head, int Medium) : GroupRule
{
    /// <summary>The published ranges of a set (method.md 4.4); null where it has none.</summary>
    public static RangeGroups? Published(DataSource source) =>
        source is not PublishedImages { Set: var set } ? null
        : PublishedList.Of(set) is { } lists ? new(lists.Head, lists.Medium)
        : set == ImageSet.Cifar100 ? new(36, 71)
        : set == ImageSet.Cifar10 ? new(3, 7)
        : null;

    public override Group[] Of(IReadOnlyList<int> counts) =>
        [
            .. counts.Select(
                (_, j) =>
                    j < Head ? Group.Head
                    : j < Medium ? Group.Medium
                    : Group.Tail
            ),
        ];
}

/// <summary>Of step imbalance: the classes before the step are head, those behind it tail, and none is medium.</summary>
public sealed record StepGroups : GroupRule
{
    public override Group[] Of(IReadOnlyList<int> counts) =>
        [.. counts.Select((_, j) => j < counts.Count / 2 ? Group.Head : Group.Tail)];
}

using LongTail.Core.Settings;

namespace LongTail.Core.Data;

/// <summary>What is known of a data set without a look at its pixels.</summary>
/// <param name="Train">Images to learn from, of each class, the largest first.</param>
/// <param name="Test">Images to judge by, of each class in the same order.</param>
/// <param name="Side">Pixels a side of its images; null where they are of all sizes.</param>
/// <param name="ContentHash">
/// 64 hex digits that name what its files hold. Of image files it is their order, the class of each with its name and label,
/// every file's length and a part of its bytes; where they lie, and when they were written, does not enter.
/// </param>
/// <param name="Doubts">What a person should know of the files before a run.</param>
public sealed record DataFacts(
    IReadOnlyList<int> Train,
    IReadOnlyList<int> Test,
    int? Side,
    string ContentHash,
    IReadOnlyList<DataDoubt> Doubts
)
{
    /// <summary>Paths of the image files to learn from that hold no byte, each once, as they are known before a run.</summary>
    public IReadOnlyList<string> EmptyToLearn { get; init; } = [];

    /// <summary>The same of those to judge by.</summary>
    public IReadOnlyList<string> EmptyToJudge { get; init; } = [];

    /// <summary>Looks for every file of the source.</summary>
    /// <param name="folder">That holds the set's files, or its lists' images.</param>
    /// <exception cref="InputException">Files are missing, all named in one line, or a list is damaged.</exception>
    public static DataFacts Of(DataSource source, string? folder) =>
        ResidentSet.Of(source) is { } resident
            ? resident.Facts(folder)
            : ListedSet.Open(source, folder).Facts;
}

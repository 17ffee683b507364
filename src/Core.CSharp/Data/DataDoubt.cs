namespace LongTail.Core.Data;

/// <summary>What a person should know of a data set's files before a run, though they can be used.</summary>
/// <param name="Place">The list or folder.</param>
/// <param name="Fault">What is odd, with how many there are and the first.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record DataDoubt(string Place, string Fault, string Remedy)
{
    /// <summary>One line.</summary>
    public override string ToString() => $"{Place}: {Fault}; {Remedy}";

    /// <summary>The first of many in the words of a line.</summary>
    internal static string Some(IReadOnlyCollection<string> names, int shown = 3) =>
        string.Join(", ", names.Take(shown))
        + (names.Count > shown ? $" and {names.Count - shown} more" : "");
}

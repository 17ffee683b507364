namespace LongTail.Core.Files;

/// <summary>A place that takes no file: a full disk, missing rights, a file system that is only read.</summary>
/// <param name="message">As in <see cref="InputException"/>.</param>
public sealed class UnwritableException(string message) : InputException(message);

/// <summary>What the system says where it refuses to write, in words for a person.</summary>
public static class Writing
{
    private const int NoSpace = 28;
    private const int ReadOnly = 30;
    private const int OverQuota = 122;

    /// <summary>Does what writes at a path.</summary>
    /// <exception cref="UnwritableException">The system refuses.</exception>
    public static void At(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Fault(path, e);
        }
    }

    /// <summary>One line: which path, why and what to do.</summary>
    public static UnwritableException Fault(string path, Exception e) =>
        new($"{path} cannot be written: {Reason(e) ?? e.Message}");

    /// <summary>Why nothing can be written, and what to do; null where the system says something else.</summary>
    public static string? Reason(Exception e) =>
        e switch
        {
            UnauthorizedAccessException =>
                "permission is denied; take another place, or ask for the right to write there",
            IOException { HResult: NoSpace } => "the disk is full; make room on it",
            IOException { HResult: OverQuota } => "the disk quota is used up; make room",
            IOException { HResult: ReadOnly } => "the file system is read-only; take another place",
            _ => null,
        };
}

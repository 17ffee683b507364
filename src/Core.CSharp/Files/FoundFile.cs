namespace LongTail.Core.Files;

/// <summary>A file that is there; a link is followed to its end.</summary>
/// <param name="Path">As it was asked for.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Written">When it was last written to.</param>
internal readonly record struct FoundFile(string Path, long Length, DateTime Written)
{
    /// <summary>Null where there is none: nothing, a folder, or a link that leads to no file.</summary>
    internal static FoundFile? At(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
                return null;
            // A link that leads nowhere exists, and has a length.
            if (file.LinkTarget is not null)
                file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
            return file is { Exists: true }
                ? new FoundFile(path, file.Length, file.LastWriteTimeUtc)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

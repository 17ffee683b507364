namespace LongTail.Core.Data;

/// <summary>Finds and reads a data set's files, and tells in one line what is missing.</summary>
internal static class DataFolder
{
    /// <summary>
    /// The folder that holds one of <paramref name="files"/>: <paramref name="folder"/> itself, or the
    /// <paramref name="child"/> that the official archive unpacks to.
    /// </summary>
    /// <param name="remedy">What to do where it is not there, as in "unpack X and give its folder".</param>
    public static string Find(
        string name,
        string? folder,
        string child,
        IReadOnlyList<string> files,
        string remedy
    )
    {
        if (folder is null)
            throw new InputException($"{name}: no data folder was given: {remedy}");
        if (!Directory.Exists(folder))
            throw new InputException($"{name}: there is no folder {folder}: {remedy}");
        string[] places = [folder, Path.Combine(folder, child)];
        return places.FirstOrDefault(place => files.Any(f => File.Exists(Path.Combine(place, f))))
            ?? throw new InputException(
                $"{name}: neither {places[0]} nor {places[1]} holds {files[0]}: {remedy}"
            );
    }

    /// <summary>Opens a file for reading from start to end.</summary>
    public static FileStream Open(string path)
    {
        try
        {
            return new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read,
                bufferSize: 1 << 16,
                FileOptions.SequentialScan
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be read: {e.Message}");
        }
    }
}

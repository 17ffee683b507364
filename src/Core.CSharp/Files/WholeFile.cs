namespace LongTail.Core.Files;

/// <summary>Writes files that are, at any moment, either the old one or the new one and never half of it.</summary>
public static class WholeFile
{
    /// <summary>Writes beside <paramref name="path"/>, flushes to the disk and renames. Makes the folder where there is none.</summary>
    /// <exception cref="UnwritableException">The place cannot be written: rights, a full disk.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var beside = path + ".part";
        Writing.At(
            path,
            () =>
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
                using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write))
                    try
                    {
                        write(stream);
                        stream.Flush(flushToDisk: true);
                    }
                    catch
                    {
                        File.Delete(beside);
                        throw;
                    }
                File.Move(beside, path, overwrite: true);
            }
        );
    }
}

using System.Formats.Tar;
using System.IO.Compression;
using LongTail.Core.Files;

namespace LongTail.Core.Downloads;

/// <summary>A .tar.gz as data sets come in.</summary>
public static class Archive
{
    /// <summary>Unpacks the folder that the archive holds into another one: all of it or nothing.</summary>
    /// <param name="content">The one folder in it, as in "cifar-100-binary".</param>
    /// <exception cref="InputException">Damaged, without that folder, or with paths that lead elsewhere; no place to write.</exception>
    public static void Unpack(string archive, string content, string into)
    {
        var beside = Path.Combine(into, $".{content}.part");
        try
        {
            if (Directory.Exists(beside))
                Directory.Delete(beside, recursive: true);
            Directory.CreateDirectory(beside);
            using (var file = File.OpenRead(archive))
            using (var unpacked = new GZipStream(file, CompressionMode.Decompress))
                TarFile.ExtractToDirectory(unpacked, beside, overwriteFiles: false);
            var inner = Path.Combine(beside, content);
            if (!Directory.Exists(inner))
                throw new InputException(
                    $"{archive} holds no folder {content}: is it the right one?"
                );
            var target = Path.Combine(into, content);
            if (Directory.Exists(target))
                Directory.Delete(target, recursive: true);
            Directory.Move(inner, target);
        }
        catch (Exception e)
            when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            var remedy =
                Writing.Reason(e) ?? $"{e.Message.TrimEnd('.')}: remove it and fetch it again";
            throw new InputException($"{archive} cannot be unpacked into {into}: {remedy}");
        }
        finally
        {
            if (Directory.Exists(beside))
                Directory.Delete(beside, recursive: true);
        }
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace LongTail.Core.Files;

/// <summary>
/// SHA-256 of files in lower-case hex. Large ones are read once: a hash is remembered with the file's length and its
/// time of writing, as `make` and `git` do.
/// </summary>
public static class ContentHash
{
    // A file that is written to while it is hashed may keep the time of the first of two writings.
    internal static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    private static readonly Lock Gate = new();

    private sealed record Seen(long Length, DateTime Written, string Hash);

    /// <exception cref="InputException">The file cannot be read.</exception>
    public static string Of(string path)
    {
        try
        {
            var file = new FileInfo(path);
            lock (Gate)
            {
                var known = Remembered();
                if (
                    known.TryGetValue(file.FullName, out var seen)
                    && seen.Length == file.Length
                    && seen.Written == file.LastWriteTimeUtc
                )
                    return seen.Hash;
                using var stream = file.OpenRead();
                var hash = Convert.ToHexStringLower(SHA256.HashData(stream));
                if (DateTime.UtcNow - file.LastWriteTimeUtc > Settled)
                {
                    known[file.FullName] = new(file.Length, file.LastWriteTimeUtc, hash);
                    Remember(known);
                }
                return hash;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be read: {e.Message}");
        }
    }

    /// <summary>One hash of several files, in this order; their names do not enter.</summary>
    /// <exception cref="InputException">One cannot be read.</exception>
    public static string OfAll(IEnumerable<string> paths) =>
        Convert.ToHexStringLower(
            SHA256.HashData(Encoding.ASCII.GetBytes(string.Concat(paths.Select(Of))))
        );

    /// <summary>One hash of lines of text.</summary>
    public static string OfLines(IEnumerable<string> lines)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var line in lines)
            hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Place => UserCache.Path("hashes.json");

    private static Dictionary<string, Seen> Remembered()
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, Seen>>(File.ReadAllText(Place))
                ?? [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    // What cannot be remembered is hashed again.
    private static void Remember(Dictionary<string, Seen> known)
    {
        try
        {
            var there = known.Where(entry => File.Exists(entry.Key)).ToDictionary();
            WholeFile.Write(Place, stream => JsonSerializer.Serialize(stream, there));
        }
        catch (InputException) { }
    }
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace LongTail.Core.Files;

/// <summary>
/// Files known by their length and a part of their bytes: all of a short one, blocks from the start to the end of a long
/// one. To read hundreds of gigabytes before each plan is out of the question.
/// </summary>
internal static class SampledHash
{
    internal const int Block = 4096;
    internal const int Blocks = 16;

    /// <summary>
    /// One for each file, the same on every machine. They are remembered for files of these places, lengths and times of
    /// writing, so that files are opened once.
    /// </summary>
    /// <exception cref="InputException">A file cannot be read.</exception>
    internal static UInt128[] OfAll(IReadOnlyList<FoundFile> files)
    {
        var known = Place(files);
        if (Remembered(known, files.Count) is { } before)
            return before;
        var hashes = files.AsParallel().AsOrdered().Select(Of).ToArray();
        var settled = DateTime.UtcNow - ContentHash.Settled;
        if (files.All(file => file.Written < settled))
            Remember(known, hashes);
        return hashes;
    }

    private static UInt128 Of(FoundFile file)
    {
        var (length, whole) = (file.Length, file.Length <= Blocks * Block);
        var bytes = new byte[sizeof(long) + (whole ? (int)length : Blocks * Block)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        // A pipe has no length, and to open one waits for ever.
        if (length > 0)
            try
            {
                using var handle = File.OpenHandle(file.Path);
                var room = bytes.AsSpan(sizeof(long));
                if (whole)
                    _ = RandomAccess.Read(handle, room, 0);
                else
                    for (var i = 0; i < Blocks; i++)
                        _ = RandomAccess.Read(
                            handle,
                            room.Slice(i * Block, Block),
                            (length - Block) * i / (Blocks - 1)
                        );
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new InputException($"{file.Path} cannot be read: {e.Message}");
            }
        return BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(bytes));
    }

    private static string Place(IEnumerable<FoundFile> files) =>
        UserCache.Path(
            $"samples/{ContentHash.OfLines(files.Select(file => $"{Path.GetFullPath(file.Path)} {file.Length} {file.Written.Ticks}"))}"
        );

    private static UInt128[]? Remembered(string place, int count)
    {
        try
        {
            var bytes = File.Exists(place) ? File.ReadAllBytes(place) : [];
            return bytes.Length == 16L * count && count > 0
                ? MemoryMarshal.Cast<byte, UInt128>(bytes).ToArray()
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // What cannot be remembered is read again.
    private static void Remember(string place, UInt128[] hashes)
    {
        try
        {
            WholeFile.Write(place, stream => stream.Write(MemoryMarshal.AsBytes<UInt128>(hashes)));
        }
        catch (InputException) { }
    }
}

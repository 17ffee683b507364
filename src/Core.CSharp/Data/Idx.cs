using System.Buffers.Binary;
using System.IO.Compression;

namespace LongTail.Core.Data;

/// <summary>The IDX format of the MNIST family: a big-endian header of sizes, then unsigned bytes.</summary>
internal static class Idx
{
    /// <summary>Reads a file of unsigned bytes, gzipped if its name ends in ".gz".</summary>
    /// <param name="rank">How many sizes the header must have.</param>
    /// <exception cref="InputException">Another format, a header that ends early, data too short or too long.</exception>
    public static (int[] Sizes, byte[] Values) Read(string path, int rank)
    {
        var bytes = Unpacked(path);
        var start = 4 + 4 * rank;
        if (bytes.Length < start)
            throw new InputException(
                $"{path} is truncated: {bytes.Length} bytes hold no IDX header: fetch it again"
            );
        // Two zero bytes, 8 for unsigned bytes, the rank.
        var magic = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (magic != 0x0800u + (uint)rank)
            throw new InputException(
                $"{path} is no IDX file of unsigned bytes with {rank} dimensions: it starts with 0x{magic:x8}"
            );
        var sizes = new uint[rank];
        for (var i = 0; i < rank; i++)
            sizes[i] = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(4 + 4 * i));
        var expected = sizes.Aggregate(UInt128.One, (product, size) => product * size);
        if (expected != (UInt128)(bytes.Length - start))
            throw new InputException(
                $"{path} is truncated or has trailing data: its header tells of {expected} bytes ({string.Join(" x ", sizes)}), it holds {bytes.Length - start}: fetch it again"
            );
        return ([.. sizes.Select(size => (int)size)], bytes[start..]);
    }

    private static byte[] Unpacked(string path)
    {
        using var file = DataFolder.Open(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
            ? new GZipStream(file, CompressionMode.Decompress)
            : file;
        using var unpacked = new MemoryStream();
        try
        {
            stream.CopyTo(unpacked);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new InputException($"{path} cannot be read: {e.Message} Fetch it again");
        }
        return unpacked.ToArray();
    }
}

using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using LongTail.Core.Files;
using LongTail.Core.Settings;
using static LongTail.Core.Images.PackedFile;

namespace LongTail.Core.Images;

/// <summary>Writes a cache file, decoding in parallel and writing in the list's order, some hundred images at a time.</summary>
internal static class PackedWriter
{
    private const int AtATime = 512;

    /// <summary>Writes the whole file, or leaves none.</summary>
    /// <exception cref="InputException">Images are broken, where they are not passed over: the first of them, and how many there are.</exception>
    internal static void Write(
        string file,
        FileImages images,
        Head head,
        BrokenImages broken,
        int threads,
        CancellationToken cancellation
    )
    {
        var packers = new ConcurrentBag<Packer>();
        var faults = new ConcurrentDictionary<int, string>();
        try
        {
            WholeFile.Write(
                file,
                stream =>
                {
                    stream.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<Head>(ref head)));
                    var entries = new Entry[images.Count];
                    foreach (var part in Enumerable.Range(0, images.Count).Chunk(AtATime))
                    foreach (var (i, image) in part.Zip(Pack(part)))
                    {
                        entries[i] = new(stream.Position, image.Width, image.Height);
                        stream.Write(image.Bytes);
                    }
                    stream.Write(MemoryMarshal.AsBytes(entries.AsSpan()));
                    if (!faults.IsEmpty && broken == BrokenImages.Fail)
                        throw new InputException(
                            FileImages.Told([
                                .. faults.OrderBy(fault => fault.Key).Select(fault => fault.Value),
                            ])
                        );
                }
            );
        }
        finally
        {
            foreach (var packer in packers)
                packer.Dispose();
        }

        (int Width, int Height, byte[] Bytes)[] Pack(int[] positions)
        {
            var packed = new (int, int, byte[])[positions.Length];
            Parallel.For(
                0,
                positions.Length,
                new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellation },
                i =>
                {
                    if (!packers.TryTake(out var packer))
                        packer = new(images.Reader(), head.Side);
                    try
                    {
                        packed[i] = packer.Pack(positions[i]);
                    }
                    catch (InputException e)
                    {
                        faults[positions[i]] = e.Message;
                        packed[i] = (0, 0, []);
                    }
                    packers.Add(packer);
                }
            );
            return packed;
        }
    }

    private sealed class Packer(ImageReader reader, int side) : IDisposable
    {
        private readonly Resampler resampler = new();

        internal (int Width, int Height, byte[] Bytes) Pack(int position)
        {
            var (width, height) = reader.Open(position);
            var all = Frame.All(width, height);
            var shorter = Math.Min(width, height);
            if (shorter > side)
                (width, height) = (
                    (int)((long)width * side / shorter),
                    (int)((long)height * side / shorter)
                );
            var bytes = GC.AllocateUninitializedArray<byte>(checked(3 * width * height));
            resampler.ToPixels(reader.Decode(all.Shrink(width, height)), all, width, height, bytes);
            return (width, height, bytes);
        }

        public void Dispose() => reader.Dispose();
    }
}

using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using LongTail.Core.Settings;
using static LongTail.Core.Images.PackedFile;

namespace LongTail.Core.Images;

/// <summary>
/// A cache of decoded images, the shorter side resized to a stored one, in a file that is mapped into memory: an epoch decodes
/// nothing, and the system keeps as much of it as it has room for. Whole images are kept, not their centres, as random crops
/// of an image look at its borders too; smaller ones are kept as they are.
/// </summary>
public sealed unsafe class PackedImages : ImageSource, IDisposable
{
    private static readonly Lock Making = new();

    private readonly FileImages images;
    private readonly string file;
    private readonly MemoryMappedFile mapped;
    private readonly MemoryMappedViewAccessor view;
    private readonly byte* start;
    private readonly Entry* entries;

    /// <summary>Opens the images' cache of this side in <paramref name="folder"/>, and makes it first where there is none.</summary>
    /// <param name="broken">Skip keeps a broken image's place free: a <see cref="Prefetcher"/> decides again when it reads it.</param>
    /// <exception cref="InputException">Images are broken, where they are not passed over; or there is no room for the file.</exception>
    public static PackedImages Open(
        FileImages images,
        int side,
        string folder,
        BrokenImages broken,
        int threads,
        CancellationToken cancellation = default
    )
    {
        var head = PackedFile.Of(images, side);
        var file = Path.Combine(folder, $"{head.Key:x16}-{side}.packed");
        // Of runs that begin together one makes it.
        lock (Making)
            if (!File.Exists(file))
                PackedWriter.Write(file, images, head, broken, threads, cancellation);
        return new PackedImages(file, images, head);
    }

    private PackedImages(string file, FileImages images, Head expected)
    {
        (this.file, this.images) = (file, images);
        try
        {
            var length = new FileInfo(file).Length;
            mapped = MemoryMappedFile.CreateFromFile(
                file,
                FileMode.Open,
                null,
                0,
                MemoryMappedFileAccess.Read
            );
            view = mapped.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            var data = length - (long)sizeof(Entry) * expected.Count;
            entries = (Entry*)(start + data);
            if (data < sizeof(Head) || !Matches(expected) || !Fits(data))
                throw new InputException(
                    $"{file} is damaged or not of these images: delete it, and it is made anew"
                );
        }
        catch (Exception e)
        {
            Dispose();
            if (e is IOException or UnauthorizedAccessException or ArgumentException)
                throw new InputException($"{file} cannot be read: {e.Message}");
            throw;
        }
    }

    public override int Count => images.Count;

    public override IReadOnlyList<int> Labels => images.Labels;

    public override ImageReader Reader() => new PackedReader(this);

    public void Dispose()
    {
        if (start != null)
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        view?.Dispose();
        mapped?.Dispose();
    }

    private bool Matches(Head expected) =>
        new ReadOnlySpan<byte>(start, sizeof(Head)).SequenceEqual(
            MemoryMarshal.AsBytes(new ReadOnlySpan<Head>(ref expected))
        );

    // The last image's end is the file's length; each other entry is checked when its image is read.
    private bool Fits(long data) =>
        Count == 0 || entries[Count - 1] is var last && last.Offset + last.Length == data;

    private sealed class PackedReader(PackedImages packed) : ImageReader
    {
        private Entry entry;

        public override (int Width, int Height) Open(int position)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(
                (uint)position,
                (uint)packed.Count
            );
            entry = packed.entries[position];
            var end = (byte*)packed.entries - packed.start;
            if (entry.Width <= 0 || entry.Height <= 0)
                throw new InputException(
                    $"{packed.images.List.Path(position)} could not be decoded when {packed.file} was made: replace the image and delete that file"
                );
            if (entry.Offset < sizeof(Head) || entry.Offset > end - entry.Length)
                throw new InputException(
                    $"{packed.file} is damaged: delete it, and it is made anew"
                );
            return (entry.Width, entry.Height);
        }

        public override Pixels Decode(int shrink, int rows) =>
            new(
                new ReadOnlySpan<byte>(packed.start + entry.Offset, checked((int)entry.Length)),
                entry.Width,
                entry.Height
            );

        public override void Dispose() { }
    }
}

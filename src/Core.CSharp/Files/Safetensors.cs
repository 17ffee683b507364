using System.IO.MemoryMappedFiles;
using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Files;

/// <summary>
/// A safetensors file, open for reading through a memory map: a tensor's bytes are touched when it is asked for.
/// </summary>
public sealed class Safetensors : IDisposable
{
    private readonly SafetensorsHeader header;
    private readonly MemoryMappedFile map;
    private readonly Dictionary<string, TensorEntry> entries;

    private Safetensors(string path, SafetensorsHeader header, MemoryMappedFile map)
    {
        Path = path;
        this.header = header;
        this.map = map;
        entries = header.Tensors.ToDictionary(entry => entry.Name);
    }

    public string Path { get; }

    /// <summary>Names, types and shapes, in the order of their data.</summary>
    public IReadOnlyList<TensorEntry> Tensors => header.Tensors;

    public IReadOnlyDictionary<string, string> Metadata => header.Metadata;

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="InputException">No such file, or not exactly what the format asks for; names file and tensor.</exception>
    public static Safetensors Read(string path)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            var header = SafetensorsHeader.Read(file, path);
            var map = MemoryMappedFile.CreateFromFile(
                file,
                null,
                0,
                MemoryMappedFileAccess.Read,
                HandleInheritability.None,
                leaveOpen: false
            );
            return new Safetensors(path, header, map);
        }
        catch (Exception e)
        {
            file?.Dispose();
            if (e is FileNotFoundException or DirectoryNotFoundException)
                throw new InputException($"{path}: there is no such file");
            if (Directory.Exists(path))
                throw new InputException($"{path} is a folder: give a safetensors file in it");
            if (e is IOException or UnauthorizedAccessException)
                throw new InputException($"{path} cannot be read: {e.Message}");
            throw;
        }
    }

    /// <summary>Writes tensors and metadata; the same ones always give the same bytes. Either all of it or nothing.</summary>
    /// <exception cref="InputException">The place cannot be written.</exception>
    public static void Write(
        string path,
        IReadOnlyDictionary<string, Tensor> tensors,
        IReadOnlyDictionary<string, string>? metadata = null
    ) => WholeFile.Write(path, stream => SafetensorsWriter.Write(stream, tensors, metadata));

    /// <summary>A tensor of the file, copied to the CPU.</summary>
    /// <exception cref="InputException">The file has no such tensor, or a BOOL one holds a byte that is neither 0 nor 1.</exception>
    public Tensor this[string name]
    {
        get
        {
            var entry = Entry(name);
            return Bytes(
                entry,
                bytes =>
                {
                    if (entry.Type == ScalarType.Bool && bytes.ContainsAnyExceptInRange<byte>(0, 1))
                        throw new InputException(
                            $"{Path}: tensor {name}: a BOOL byte is neither 0 nor 1"
                        );
                    var tensor = empty([.. entry.Shape], entry.Type);
                    if (!bytes.IsEmpty)
                        bytes.CopyTo(tensor.bytes);
                    return tensor;
                }
            );
        }
    }

    /// <summary>Whether all values of a tensor are finite as float32. Needs no libtorch: a plan asks it.</summary>
    /// <exception cref="InputException">The file has no such tensor.</exception>
    public bool IsFinite(string name)
    {
        var entry = Entry(name);
        return Bytes(entry, bytes => FiniteValues.Only(bytes, entry.Type));
    }

    private TensorEntry Entry(string name)
    {
        if (!entries.TryGetValue(name, out var entry))
            throw new InputException($"{Path} has no tensor {name}");
        if (entry.Length > int.MaxValue)
            throw new InputException($"{Path}: tensor {name} is larger than 2 GiB");
        return entry;
    }

    private unsafe T Bytes<T>(TensorEntry entry, Func<ReadOnlySpan<byte>, T> read)
    {
        // A view of no bytes is one of the whole file.
        if (entry.Length == 0)
            return read([]);
        using var view = map.CreateViewAccessor(
            header.DataStart + entry.Begin,
            entry.Length,
            MemoryMappedFileAccess.Read
        );
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        try
        {
            return read(new ReadOnlySpan<byte>(pointer + view.PointerOffset, (int)entry.Length));
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    /// <summary>Checks that the file holds what a model is made of, before anything is loaded.</summary>
    /// <inheritdoc cref="ExpectedTensors.Require"/>
    public void Require(
        IReadOnlyCollection<(string Name, long[] Shape)> expected,
        Func<string, bool> ignored
    ) => ExpectedTensors.Require(Path, Tensors, expected, ignored);

    public void Dispose() => map.Dispose();
}

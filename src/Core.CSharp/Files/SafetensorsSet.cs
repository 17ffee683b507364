using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace LongTail.Core.Files;

/// <summary>
/// The tensors of one safetensors file, or of the shards that a `model.safetensors.index.json` lists, as transformers
/// writes models that are large.
/// </summary>
public sealed partial class SafetensorsSet : IDisposable
{
    private const string Whole = "model.safetensors";
    private const string Index = "model.safetensors.index.json";
    private const string Map = "weight_map";

    private readonly IReadOnlyList<Safetensors> files;
    private readonly Dictionary<string, Safetensors> holders = [];

    private SafetensorsSet(string path, IReadOnlyList<Safetensors> files)
    {
        (Path, this.files) = (path, files);
        var metadata = new Dictionary<string, string>();
        foreach (var file in files)
        {
            foreach (var tensor in file.Tensors)
                if (!holders.TryAdd(tensor.Name, file))
                    throw new InputException(
                        $"{path}: tensor {tensor.Name} is in two shards, {holders[tensor.Name].Path} and {file.Path}: fetch them again"
                    );
            foreach (var (name, value) in file.Metadata)
                if (!metadata.TryAdd(name, value) && metadata[name] != value)
                    throw new InputException(
                        $"{path}: its shards tell two values of {name}, '{metadata[name]}' and '{value}': they are of two models; fetch them again"
                    );
        }
        Metadata = metadata;
    }

    /// <summary>The file, or the index of the shards.</summary>
    public string Path { get; }

    /// <summary>Names, types and shapes, shard by shard in the order of their data.</summary>
    public IEnumerable<TensorEntry> Tensors => files.SelectMany(file => file.Tensors);

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The folder where it lies.</summary>
    public string Folder =>
        System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path)) ?? Path;

    /// <summary>Bytes of all files.</summary>
    public long Length => files.Sum(file => new FileInfo(file.Path).Length);

    /// <summary>SHA-256 (lower-case hex): of a file its own, of shards one of theirs in the order of their names.</summary>
    public string ContentHash =>
        files.Count == 1
            ? Files.ContentHash.Of(files[0].Path)
            : Files.ContentHash.OfAll(files.Select(file => file.Path));

    /// <inheritdoc cref="Safetensors.this"/>
    public Tensor this[string name] => Holder(name)[name];

    /// <inheritdoc cref="Safetensors.IsFinite"/>
    public bool IsFinite(string name) => Holder(name).IsFinite(name);

    private Safetensors Holder(string name) =>
        holders.TryGetValue(name, out var file)
            ? file
            : throw new InputException($"{Path} has no tensor {name}");

    /// <inheritdoc cref="Safetensors.Require"/>
    public void Require(
        IReadOnlyCollection<(string Name, long[] Shape)> expected,
        Func<string, bool> ignored
    ) => ExpectedTensors.Require(Path, Tensors, expected, ignored);

    /// <summary>Opens a file, an index of shards, or a folder that holds either under the name that transformers gives it.</summary>
    /// <exception cref="InputException">No such file; a shard is missing or has not what the index tells; or as <see cref="Safetensors.Read"/>.</exception>
    public static SafetensorsSet Open(string path)
    {
        var found = Directory.Exists(path) ? In(path) : path;
        if (found.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            return Sharded(found);
        var index = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(found) ?? "", Index);
        if (Shard().IsMatch(found) && File.Exists(index))
            throw new InputException(
                $"{found} is one of several shards: name their index, {index}"
            );
        return Of(found, [found]);
    }

    public void Dispose()
    {
        foreach (var file in files)
            file.Dispose();
    }

    private static string In(string folder) =>
        new[] { Whole, Index }
            .Select(name => System.IO.Path.Combine(folder, name))
            .FirstOrDefault(File.Exists)
        ?? throw new InputException(
            $"{folder} is a folder without {Whole} or {Index}: give a safetensors file in it"
        );

    private static SafetensorsSet Of(string path, IEnumerable<string> files)
    {
        var opened = new List<Safetensors>();
        try
        {
            foreach (var file in files)
                opened.Add(Read(file));
            return new SafetensorsSet(path, opened);
        }
        catch
        {
            opened.ForEach(file => file.Dispose());
            throw;
        }
    }

    // Of a checkpoint, which has the same format, the remedy is another one.
    private static Safetensors Read(string file)
    {
        try
        {
            return Safetensors.Read(file);
        }
        catch (InputException e) when (File.Exists(file))
        {
            throw new InputException($"{e.Message}: fetch it again, or give another file");
        }
    }

    private static SafetensorsSet Sharded(string path)
    {
        var index =
            JsonSettings.Read(path) ?? throw new InputException($"{path}: there is no such file");
        var map = index.Object(Map);
        if (map is null || !map.Names.Any())
            throw new InputException(
                $"{path} lists no shards under {Map}: give a safetensors file or a {Index}"
            );
        var shards = map.Names.ToDictionary(name => name, name => map.Text(name) ?? "");
        var folder = System.IO.Path.GetDirectoryName(path) ?? "";
        foreach (var (tensor, shard) in shards)
        {
            if (System.IO.Path.GetFileName(shard) != shard || shard is "" or "." or "..")
                throw map.Wrong(tensor, "is no name of a file beside it: fetch the index again");
            if (!File.Exists(System.IO.Path.Combine(folder, shard)))
                throw new InputException(
                    $"{path} lists the shard {shard}, and there is no such file beside it: fetch it"
                );
        }
        var files = shards.Values.Distinct().Order(StringComparer.Ordinal);
        var set = Of(path, files.Select(shard => System.IO.Path.Combine(folder, shard)));
        foreach (var (tensor, shard) in shards)
            if (
                !set.holders.TryGetValue(tensor, out var holder)
                || System.IO.Path.GetFileName(holder.Path) != shard
            )
            {
                set.Dispose();
                throw new InputException(
                    $"{path} lists tensor {tensor} in {shard}, which does not hold it: fetch both again"
                );
            }
        return set;
    }

    [GeneratedRegex(@"-\d+-of-\d+\.safetensors$")]
    private static partial Regex Shard();
}

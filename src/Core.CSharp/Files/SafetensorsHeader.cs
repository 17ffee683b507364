using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace LongTail.Core.Files;

/// <summary>
/// The header of a safetensors file: 8 bytes of little-endian length, then JSON. All of it is checked before a
/// byte of data is believed: types, shapes, and that the tensors tile the data without hole or overlap.
/// </summary>
public sealed class SafetensorsHeader
{
    /// <summary>The format's own limit on the bytes of JSON.</summary>
    public const long LongestJson = 100_000_000;

    internal const string MetadataKey = "__metadata__";

    // libtorch's operators take no more.
    private const int LargestRank = 64;

    private static readonly UTF8Encoding strictUtf8 = new(false, throwOnInvalidBytes: true);

    private SafetensorsHeader(
        IReadOnlyList<TensorEntry> tensors,
        IReadOnlyDictionary<string, string> metadata,
        long dataStart
    )
    {
        Tensors = tensors;
        Metadata = metadata;
        DataStart = dataStart;
    }

    /// <summary>In the order of their data.</summary>
    public IReadOnlyList<TensorEntry> Tensors { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Where the data begins in the file.</summary>
    public long DataStart { get; }

    /// <param name="file">A whole safetensors file, at its first byte.</param>
    /// <param name="path">For messages.</param>
    /// <exception cref="InputException">Anything that the format does not allow, naming file and tensor.</exception>
    public static SafetensorsHeader Read(Stream file, string path)
    {
        var text = Text(file, path);
        try
        {
            var options = new JsonDocumentOptions { AllowDuplicateProperties = false };
            using var document = JsonDocument.Parse(text, options);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new InputException($"{path}: its safetensors header is no JSON object");
            var properties = document.RootElement.EnumerateObject().ToArray();
            var tensors = properties
                .Where(property => property.Name != MetadataKey)
                .Select(property => Entry(property, path))
                .OrderBy(entry => entry.Begin)
                .ThenBy(entry => entry.Length)
                .ToArray();
            var dataStart = 8L + text.Length;
            RequireTiling(tensors, file.Length - dataStart, path);
            var metadata = properties.Where(property => property.Name == MetadataKey);
            return new SafetensorsHeader(tensors, ReadMetadata(metadata, path), dataStart);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InputException(
                $"{path}: its safetensors header is not valid: {JsonSettings.Fault(e)}"
            );
        }
    }

    private static byte[] Text(Stream file, string path)
    {
        if (file.Length < 8)
            throw new InputException(
                $"{path} is no safetensors file or is truncated: it has {file.Length} bytes"
            );
        var prefix = new byte[8];
        file.ReadExactly(prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > LongestJson)
            throw new InputException(
                $"{path} is no safetensors file: a header of {length} bytes is over the format's {LongestJson}"
            );
        if (length > (ulong)file.Length - 8)
            throw new InputException(
                $"{path} is truncated: its header has {length} bytes and the file {file.Length}"
            );
        var text = new byte[length];
        file.ReadExactly(text);
        if (text is not [(byte)'{', ..])
            throw new InputException(
                $"{path} is no safetensors file: its header is no JSON object"
            );
        try
        {
            strictUtf8.GetCharCount(text);
        }
        catch (DecoderFallbackException)
        {
            throw new InputException($"{path}: its safetensors header is not UTF-8");
        }
        return text;
    }

    private static TensorEntry Entry(JsonProperty property, string path)
    {
        InputException Broken(string what) => new($"{path}: tensor {property.Name}: {what}");
        var fields = property.Value;
        if (fields.ValueKind != JsonValueKind.Object)
            throw Broken("its header entry is no JSON object");

        var known = string.Join(" ", TensorEntry.TypeNames);
        if (!fields.TryGetProperty("dtype", out var dtype))
            throw Broken($"it has no dtype, which is one of {known}");
        var type =
            (dtype.ValueKind == JsonValueKind.String ? TensorEntry.TypeOf(dtype.GetString()) : null)
            ?? throw Broken($"dtype {dtype} is not one of {known}");

        var shape = Numbers(fields, "shape") ?? throw Broken("its shape is no list of sizes");
        if (shape.Length > LargestRank)
            throw Broken($"{shape.Length} dimensions are over the {LargestRank} that are read");
        // Sizes of 0 are left out: libtorch multiplies the others into strides all the same.
        var elements = shape.Aggregate(BigInteger.One, (n, size) => n * Math.Max(size, 1));
        if (elements > long.MaxValue / 8)
            throw Broken($"shape [{string.Join(", ", shape)}] is too large");

        if (Numbers(fields, "data_offsets") is not [var begin, var end] || begin > end)
            throw Broken("its data_offsets are no begin and end");
        var bytes = shape.Contains(0) ? 0 : elements * TensorEntry.SizeOf(type);
        if (bytes != end - begin)
            throw Broken(
                $"{dtype} [{string.Join(", ", shape)}] takes {bytes} bytes, its data_offsets [{begin}, {end}] hold {end - begin}"
            );
        return new TensorEntry(property.Name, type, shape, begin, end - begin);
    }

    private static long[]? Numbers(JsonElement fields, string name)
    {
        if (
            !fields.TryGetProperty(name, out var list)
            || list.ValueKind != JsonValueKind.Array
            || list.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.Number)
        )
            return null;
        var numbers = list.EnumerateArray()
            .Select(item => item.TryGetInt64(out var number) ? number : -1)
            .ToArray();
        return numbers.All(number => number >= 0) ? numbers : null;
    }

    private static void RequireTiling(IEnumerable<TensorEntry> inOrder, long length, string path)
    {
        var position = 0L;
        foreach (var entry in inOrder)
        {
            InputException Broken(string what) => new($"{path}: tensor {entry.Name}: {what}");
            if (entry.Begin < position)
                throw Broken($"its data at byte {entry.Begin} overlaps the tensor before");
            if (entry.Begin > position)
                throw Broken($"its data leaves a hole from byte {position} to {entry.Begin}");
            position += entry.Length;
            if (position > length)
                throw Broken(
                    $"its data ends at byte {position}, the file's at {length}: the file is truncated"
                );
        }
        if (position != length)
            throw new InputException(
                $"{path}: {length - position} bytes follow the last tensor's data: it is no whole safetensors file"
            );
    }

    private static Dictionary<string, string> ReadMetadata(
        IEnumerable<JsonProperty> metadata,
        string path
    )
    {
        var entries = new Dictionary<string, string>();
        foreach (var property in metadata)
        {
            if (
                property.Value.ValueKind != JsonValueKind.Object
                || property
                    .Value.EnumerateObject()
                    .Any(e => e.Value.ValueKind != JsonValueKind.String)
            )
                throw new InputException($"{path}: {MetadataKey} is no map of strings to strings");
            foreach (var entry in property.Value.EnumerateObject())
                entries.Add(entry.Name, entry.Value.GetString()!);
        }
        return entries;
    }
}

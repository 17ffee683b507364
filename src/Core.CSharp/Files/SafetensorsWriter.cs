using System.Buffers.Binary;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Files;

internal static class SafetensorsWriter
{
    /// <summary>Writes a whole file: larger element types first, so that all data is aligned, then by name.</summary>
    public static void Write(
        Stream stream,
        IReadOnlyDictionary<string, Tensor> tensors,
        IReadOnlyDictionary<string, string>? metadata
    )
    {
        var inOrder = tensors
            .OrderByDescending(pair => TensorEntry.SizeOf(pair.Value.dtype))
            .ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .ToArray();
        var json = Header(inOrder, metadata ?? new Dictionary<string, string>());
        // Data starts at a multiple of 8; the format fills the header up with spaces.
        var length = (json.Length + 7) / 8 * 8;
        var prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, length);
        stream.Write(prefix);
        stream.Write(json);
        for (var i = json.Length; i < length; i++)
            stream.WriteByte((byte)' ');
        foreach (var (_, tensor) in inOrder.Where(pair => pair.Value.numel() > 0))
        {
            using var scope = NewDisposeScope();
            stream.Write(tensor.detach().cpu().contiguous().bytes);
        }
    }

    private static byte[] Header(
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string> metadata
    )
    {
        using var buffer = new MemoryStream();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        if (metadata.Count > 0)
        {
            json.WriteStartObject(SafetensorsHeader.MetadataKey);
            foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                json.WriteString(key, value);
            json.WriteEndObject();
        }
        var begin = 0L;
        foreach (var (name, tensor) in tensors)
        {
            if (name == SafetensorsHeader.MetadataKey)
                throw new ArgumentException($"no tensor can be named {name}");
            var end = begin + tensor.numel() * TensorEntry.SizeOf(tensor.dtype);
            json.WriteStartObject(name);
            json.WriteString("dtype", TensorEntry.NameOf(tensor.dtype));
            WriteNumbers(json, "shape", tensor.shape);
            WriteNumbers(json, "data_offsets", begin, end);
            json.WriteEndObject();
            begin = end;
        }
        json.WriteEndObject();
        json.Flush();
        return buffer.ToArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, params long[] numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}

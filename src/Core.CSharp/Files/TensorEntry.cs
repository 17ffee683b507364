using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Files;

/// <summary>What a safetensors header tells of one tensor.</summary>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="Length">Bytes: the element size times all of the shape.</param>
public sealed record TensorEntry(
    string Name,
    ScalarType Type,
    IReadOnlyList<long> Shape,
    long Begin,
    long Length
)
{
    private static readonly (string Name, ScalarType Type, int Size)[] types =
    [
        ("F32", ScalarType.Float32, 4),
        ("F64", ScalarType.Float64, 8),
        ("F16", ScalarType.Float16, 2),
        ("BF16", ScalarType.BFloat16, 2),
        ("I64", ScalarType.Int64, 8),
        ("I32", ScalarType.Int32, 4),
        ("U8", ScalarType.Byte, 1),
        ("BOOL", ScalarType.Bool, 1),
    ];

    /// <summary>The format's names of the element types that are read and written here.</summary>
    public static IEnumerable<string> TypeNames => types.Select(type => type.Name);

    /// <summary>The element type of a name, null where it is none of <see cref="TypeNames"/>.</summary>
    public static ScalarType? TypeOf(string? name) =>
        Array.FindIndex(types, type => type.Name == name) is >= 0 and var i ? types[i].Type : null;

    /// <exception cref="ArgumentException">The format has no name for the type.</exception>
    public static string NameOf(ScalarType type) => Row(type).Name;

    /// <summary>Bytes of one element.</summary>
    public static int SizeOf(ScalarType type) => Row(type).Size;

    private static (string Name, ScalarType Type, int Size) Row(ScalarType type) =>
        Array.FindIndex(types, row => row.Type == type) is >= 0 and var i
            ? types[i]
            : throw new ArgumentException($"safetensors files hold no {type} here");
}

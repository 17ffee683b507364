using System.Runtime.InteropServices;

namespace TorchSharp.Calls;

/// <summary>Mirrors Tag in native/door.cpp.</summary>
internal enum Tag
{
    None = 0,
    Tensor = 1,
    Int = 2,
    Double = 3,
    Bool = 4,
    IntList = 5,
    TensorList = 6,
    OptionalTensorList = 7,
    Device = 8,
    Generator = 9,
}

/// <summary>Mirrors Value in native/door.cpp.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeValue
{
    internal int Tag;
    internal int Count;
    internal long Bits;
}

/// <summary>One argument of an operator, tagged with its kind. A null reference is the schema's None.</summary>
internal readonly struct Argument
{
    internal readonly Tag Tag;
    internal readonly long Bits;
    internal readonly object? Reference;

    private Argument(Tag tag, long bits, object? reference = null) =>
        (Tag, Bits, Reference) = (tag, bits, reference);

    private Argument(Tag tag, object? reference)
        : this(reference is null ? Tag.None : tag, 0, reference) { }

    internal static Argument None => default;

    internal static Argument Optional(torch.Tensor?[] items) => new(Tag.OptionalTensorList, items);

    public static implicit operator Argument(torch.Tensor? value) =>
        value is null ? None : new(Tag.Tensor, value.Handle, value);

    public static implicit operator Argument(long value) => new(Tag.Int, value);

    public static implicit operator Argument(long? value) => value is { } item ? item : None;

    public static implicit operator Argument(double value) =>
        new(Tag.Double, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Argument(bool value) => new(Tag.Bool, value ? 1 : 0);

    public static implicit operator Argument(Scalar? value) =>
        value is null ? None : new(value.Tag, value.Bits);

    public static implicit operator Argument(long[]? value) => new(Tag.IntList, value);

    public static implicit operator Argument(torch.Tensor[] value) => new(Tag.TensorList, value);

    public static implicit operator Argument(torch.ScalarType value) => new(Tag.Int, (long)value);

    public static implicit operator Argument(torch.ScalarType? value) =>
        value is { } item ? item : None;

    public static implicit operator Argument(torch.Device? value) =>
        value is null ? None : new(Tag.Device, value.Packed, value);

    public static implicit operator Argument(torch.Generator? value) =>
        value is null ? None : new(Tag.Generator, value.Handle, value);

    /// <summary>How many words the argument's items take in a call's scratch space.</summary>
    internal int Words => (Reference as Array)?.Length ?? 0;

    /// <summary>Writes the argument for the native side; items of lists go to the scratch space.</summary>
    internal unsafe NativeValue Marshal(Span<long> scratch, long* at)
    {
        if (Words == 0)
            return new NativeValue { Tag = (int)Tag, Bits = Bits };
        switch (Reference)
        {
            case long[] items:
                items.CopyTo(scratch);
                break;
            case torch.Tensor?[] items:
                for (var i = 0; i < items.Length; i++)
                    scratch[i] = items[i]?.Handle ?? 0;
                break;
        }
        return new NativeValue
        {
            Tag = (int)Tag,
            Count = Words,
            Bits = (long)at,
        };
    }

    public override string ToString() =>
        (Tag, Reference) switch
        {
            (Tag.None, _) => "none",
            (_, torch.Tensor tensor) => tensor.Summary,
            (_, torch.Tensor?[] items) =>
                $"[{string.Join(", ", items.Select(t => t?.Summary ?? "none"))}]",
            (_, long[] items) => $"[{string.Join(", ", items)}]",
            (Tag.Double, _) => BitConverter.Int64BitsToDouble(Bits).ToString(),
            (Tag.Bool, _) => Bits != 0 ? "true" : "false",
            (Tag.Int, _) => Bits.ToString(),
            _ => Reference?.ToString() ?? "",
        };
}

using TorchSharp.Calls;

namespace TorchSharp;

/// <summary>A number of any of libtorch's three scalar kinds.</summary>
public sealed class Scalar
{
    internal readonly Tag Tag;
    internal readonly long Bits;

    private Scalar(Tag tag, long bits) => (Tag, Bits) = (tag, bits);

    public static implicit operator Scalar(double value) =>
        new(Tag.Double, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Scalar(float value) => (double)value;

    public static implicit operator Scalar(long value) => new(Tag.Int, value);

    public static implicit operator Scalar(int value) => (long)value;

    public static implicit operator Scalar(bool value) => new(Tag.Bool, value ? 1 : 0);
}

/// <summary>Scalars for callers whose compiler cannot choose between Tensor and Scalar, F# among them.</summary>
public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this double value) => value;

    public static Scalar ToScalar(this float value) => value;

    public static Scalar ToScalar(this long value) => value;

    public static Scalar ToScalar(this int value) => value;
}

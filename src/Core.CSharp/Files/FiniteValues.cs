using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace LongTail.Core.Files;

/// <summary>Values that are neither NaN nor infinite once they are float32; what is no floating-point number always is.</summary>
internal static class FiniteValues
{
    public static bool Only(ReadOnlySpan<byte> bytes, ScalarType type) =>
        type switch
        {
            ScalarType.Float32 => All<float>(bytes, float.IsFinite),
            ScalarType.Float64 => All<double>(bytes, value => float.IsFinite((float)value)),
            ScalarType.Float16 => All<Half>(bytes, Half.IsFinite),
            ScalarType.BFloat16 => All<ushort>(bytes, bits => (bits & 0x7F80) != 0x7F80),
            _ => true,
        };

    private static bool All<T>(ReadOnlySpan<byte> bytes, Func<T, bool> finite)
        where T : unmanaged
    {
        foreach (var value in MemoryMarshal.Cast<byte, T>(bytes))
            if (!finite(value))
                return false;
        return true;
    }
}

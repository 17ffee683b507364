using System.Diagnostics;
using static TorchSharp.torch;

namespace LongTail.Core;

/// <summary>How fast this machine multiplies matrices, which is most of what a run does.</summary>
public static class ProductRate
{
    private const int Side = 1024;
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(0.5);

    /// <summary>10^9 additions and multiplications a second in products of 1024 x 1024 float32 values; the best of half a second.</summary>
    /// <exception cref="InputException">No such device.</exception>
    public static double Measure(string device)
    {
        using var scope = NewDisposeScope();
        var values = ones([Side, Side], ScalarType.Float32, Machine.Device(device));
        var all = Stopwatch.StartNew();
        var fastest = double.PositiveInfinity;
        while (all.Elapsed < Long)
        {
            using var inner = NewDisposeScope();
            var clock = Stopwatch.StartNew();
            // Read, so that the device has done it.
            values.mm(values)[0, 0].item<float>();
            fastest = Math.Min(fastest, clock.Elapsed.TotalSeconds);
        }
        return 2.0 * Side * Side * Side / fastest / 1e9;
    }
}

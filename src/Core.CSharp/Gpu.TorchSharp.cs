using static TorchSharp.torch;

namespace LongTail.Core;

/// <summary>TorchSharp has none of this: all threads share the device's default stream.</summary>
public static class Gpu
{
    public static IDisposable? OwnStream(Device device) => null;

    public static void Finish(Device device) { }

    public static Recorder? Recorder(Device device) => null;

    internal static double PeakMemoryMiB(Device device) => 0;

    internal static void ForgetPeakMemory(Device device) { }
}

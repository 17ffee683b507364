using static TorchSharp.torch;

namespace LongTail.Core;

/// <summary>TorchSharp computes on the device's one default stream, which all threads share.</summary>
public static class Gpu
{
    public static IDisposable? OwnStream(Device device) => null;

    public static void Finish(Device device) { }
}

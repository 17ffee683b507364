using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core;

/// <summary>What our own engine can do of a GPU and TorchSharp cannot. Of a CPU it does nothing.</summary>
public static class Gpu
{
    /// <summary>
    /// Until the result is disposed, the calling thread computes on a stream that no other has: what threads ask of a device
    /// overlaps. A tensor belongs to the stream that it was made on.
    /// </summary>
    /// <returns>null where the device has no streams.</returns>
    public static IDisposable? OwnStream(Device device) =>
        IsGpu(device) ? new CudaStream(device) : null;

    /// <summary>
    /// Waits for what the calling thread asked of the device, so that another stream may read it. Copies to and from the host
    /// have waited already.
    /// </summary>
    public static void Finish(Device device)
    {
        if (IsGpu(device))
            CudaStream.Finish(device);
    }

    /// <summary>
    /// Takes down what the calling thread's own stream is given, as a CUDA graph; null where there are none, and where the
    /// variable LONGTAIL_EAGER is 1.
    /// </summary>
    public static Recorder? Recorder(Device device) =>
        IsGpu(device)
        && CudaGraph.Available
        && Environment.GetEnvironmentVariable("LONGTAIL_EAGER") != "1"
            ? work => Graph(device, work)
            : null;

    /// <summary>Most that tensors of the process held on the device at a time since the last call of the other; 0 where the door cannot tell.</summary>
    internal static double PeakMemoryMiB(Device device) =>
        CudaMemory.PeakBytes(device) / 1024.0 / 1024.0;

    internal static void ForgetPeakMemory(Device device) => CudaMemory.ForgetPeak(device);

    private static Recording Graph(Device device, Action work)
    {
        try
        {
            var graph = CudaGraph.Of(device, work);
            return new Recording(graph.Replay, graph.Dispose);
        }
        catch (TorchException e) when (!Machine.IsOutOfMemory(e))
        {
            throw new InputException(
                $"a pass cannot be recorded on {device} ({e.Message.Split('\n')[0]}); LONGTAIL_EAGER=1 has every pass done as it comes"
            );
        }
    }

    private static bool IsGpu(Device device) => device.type == DeviceType.CUDA;
}

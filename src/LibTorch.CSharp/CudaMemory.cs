using TorchSharp.Calls;

namespace TorchSharp;

/// <summary>What libtorch's allocator counts of a CUDA device's memory; TorchSharp does not tell.</summary>
public static class CudaMemory
{
    /// <summary>Most bytes that tensors held at a time since the last <see cref="ForgetPeak"/>; 0 where the door is without CUDA.</summary>
    public static long PeakBytes(torch.Device device) =>
        Math.Max(0, Door.longtail_peak_bytes(device.Packed));

    public static void ForgetPeak(torch.Device device) =>
        _ = Door.longtail_forget_peak(device.Packed);
}

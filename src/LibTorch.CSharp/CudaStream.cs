using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using TorchSharp.Calls;

namespace TorchSharp;

/// <summary>Mirrors Stream in native/door.cpp.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeStream
{
    internal long Device;
    internal long Id;
}

/// <summary>
/// A queue of a CUDA device's work that no other has until it is disposed: the thread that made it computes on it, and what
/// others do on theirs may overlap. TorchSharp has none.
/// </summary>
public sealed unsafe class CudaStream : IDisposable
{
    // libtorch hands its 32 out in turn, also those in use. Who takes what others gave back never meets that end.
    private static readonly ConcurrentDictionary<long, ConcurrentBag<NativeStream>> GivenBack = [];

    private readonly ConcurrentBag<NativeStream> free;
    private readonly NativeStream own;
    private readonly NativeStream before;

    public CudaStream(torch.Device device)
    {
        free = GivenBack.GetOrAdd(device.Packed, _ => []);
        if (!free.TryTake(out own))
            own = New(device);
        before = Exchange(own);
    }

    /// <summary>Waits until the device has done all that the calling thread's stream holds.</summary>
    public static void Finish(torch.Device device)
    {
        if (Door.longtail_finish_stream(device.Packed) < 0)
            throw new TorchException($"waiting for {device}: {Door.Error}");
    }

    /// <summary>The thread that made it has its former stream again.</summary>
    public void Dispose()
    {
        Exchange(before);
        free.Add(own);
    }

    private static NativeStream New(torch.Device device)
    {
        NativeStream made;
        if (Door.longtail_new_stream(device.Packed, &made) < 0)
            throw new TorchException($"a stream of {device}: {Door.Error}");
        return made;
    }

    private static NativeStream Exchange(NativeStream stream)
    {
        if (Door.longtail_exchange_stream(&stream) < 0)
            throw new TorchException($"changing streams: {Door.Error}");
        return stream;
    }
}

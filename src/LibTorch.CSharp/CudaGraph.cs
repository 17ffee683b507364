using TorchSharp.Calls;

namespace TorchSharp;

/// <summary>
/// Work that a CUDA device was given once, written down and not done, and that it does as often as asked at the price of one
/// call: on the same tensors, with what they then hold. TorchSharp has none.
/// </summary>
public sealed class CudaGraph : IDisposable
{
    // What graphs and libtorch's default generator note of each other is not made for several threads.
    private static readonly Lock Gate = new();

    private readonly torch.Device device;
    private nint handle;

    private CudaGraph(torch.Device device, nint handle) =>
        (this.device, this.handle) = (device, handle);

    /// <summary>Whether this door and this libtorch have graphs (CUDA, and libtorch 2.1 or newer).</summary>
    public static bool Available => Door.longtail_graphs() != 0;

    /// <summary>
    /// Writes down what the work gives the calling thread's stream, which must be one of its own. It may not wait for the
    /// device, copy from or to the host or draw random numbers; tensors that it makes, and keeps, belong to the graph.
    /// </summary>
    /// <exception cref="TorchException">There are no graphs here, or the work does what a graph cannot hold.</exception>
    public static CudaGraph Of(torch.Device device, Action work)
    {
        using var alone = Gate.EnterScope();
        var handle = Door.longtail_graph_begin(device.Packed);
        if (handle == 0)
            throw Failure("begun");
        var graph = new CudaGraph(device, handle);
        try
        {
            work();
        }
        catch
        {
            // What follows on this stream is to be done again.
            Door.longtail_graph_end(handle, device.Packed);
            graph.Dispose();
            throw;
        }
        if (Door.longtail_graph_end(handle, device.Packed) == 0)
            return graph;
        var failure = Failure("ended");
        graph.Dispose();
        throw failure;
    }

    /// <summary>Gives the calling thread's stream the work.</summary>
    public void Replay()
    {
        if (Door.longtail_graph_replay(handle, device.Packed) < 0)
            throw Failure("replayed");
    }

    public void Dispose()
    {
        using var alone = Gate.EnterScope();
        if (handle != 0)
            Door.longtail_free_graph(handle);
        handle = 0;
    }

    private static TorchException Failure(string what) =>
        new($"a CUDA graph cannot be {what}: {Door.Error}");
}

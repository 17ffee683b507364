using System.Runtime.InteropServices;

namespace LongTail.Core.Interop;

/// <summary>
/// What a forward pass keeps for its backward pass, as Kept in native/level.h has it: some ten times a block's tokens. It is
/// given back as soon as the backward pass has read it, where a graph's saved tensors would live as long as the whole graph.
/// </summary>
internal sealed unsafe class KeptMemory : IDisposable
{
    // Of a cache line, as libtorch's tensors.
    private const int Alignment = 64;

    private readonly long[] bytes;
    private nint memory;

    /// <param name="bytes">Of queries, keys and values; of the sums after the attention; of slopes; of denominators.</param>
    /// <exception cref="OutOfMemoryException">There is not so much memory.</exception>
    internal KeptMemory(params long[] bytes)
    {
        this.bytes = [.. bytes.Select(count => (count + Alignment - 1) / Alignment * Alignment)];
        memory = (nint)NativeMemory.AlignedAlloc((nuint)this.bytes.Sum(), Alignment);
        GC.AddMemoryPressure(this.bytes.Sum());
    }

    ~KeptMemory() => Free();

    /// <exception cref="ObjectDisposedException">A backward pass has read it, and was not to keep the graph.</exception>
    internal Kept Start
    {
        get
        {
            ObjectDisposedException.ThrowIf(memory == 0, this);
            return new()
            {
                Qkv = memory,
                Mixed = memory + (nint)bytes[0],
                Slopes = memory + (nint)(bytes[0] + bytes[1]),
                Denominators = memory + (nint)(bytes[0] + bytes[1] + bytes[2]),
            };
        }
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (memory == 0)
            return;
        NativeMemory.AlignedFree((void*)memory);
        memory = 0;
        GC.RemoveMemoryPressure(bytes.Sum());
    }
}

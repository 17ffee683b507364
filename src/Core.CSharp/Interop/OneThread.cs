using static TorchSharp.torch;

namespace LongTail.Core.Interop;

/// <summary>
/// Until it is disposed, the calling thread's operators are computed by it alone. libtorch's products of matrices add up in
/// another order on another number of threads, and small ones are no faster on several.
/// </summary>
internal sealed class OneThread : IDisposable
{
    private readonly int before = get_num_threads();

    internal OneThread() => set_num_threads(1);

    public void Dispose() => set_num_threads(before);
}

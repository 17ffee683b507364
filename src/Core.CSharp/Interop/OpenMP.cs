using System.Runtime.InteropServices;

namespace LongTail.Core.Interop;

/// <summary>
/// libtorch's own OpenMP runtime and its threads. With .NET's a step took 10 to 15 % longer: two sets of threads wake each other's
/// cores in turn.
/// </summary>
internal static unsafe class OpenMP
{
    // Found among what libtorch stands on, whatever its file is called.
    private static readonly delegate* unmanaged<
        delegate* unmanaged<nint, void>,
        nint,
        uint,
        uint,
        void> Region = (delegate* unmanaged<
        delegate* unmanaged<nint, void>,
        nint,
        uint,
        uint,
        void>)
        NativeLibrary.GetExport(Engine.Torch, "GOMP_parallel");

    private static readonly delegate* unmanaged<int> Thread = (delegate* unmanaged<int>)
        NativeLibrary.GetExport(Engine.Torch, "omp_get_thread_num");

    /// <summary>Has so many threads do the work, the calling one among them; it gets the thread's number, and may not throw.</summary>
    internal static void Run(int threads, Action<int> work)
    {
        var held = GCHandle.Alloc(work);
        try
        {
            Region(&Enter, GCHandle.ToIntPtr(held), (uint)threads, 0);
        }
        finally
        {
            held.Free();
        }
    }

    [UnmanagedCallersOnly]
    private static void Enter(nint work) =>
        ((Action<int>)GCHandle.FromIntPtr(work).Target!)(Thread());
}

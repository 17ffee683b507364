using System.Runtime.InteropServices;
using TorchSharp.Calls;

namespace TorchSharp;

/// <summary>Hears what a thread asks of libtorch, to see what a CUDA graph of it would hold.</summary>
public static unsafe class Listener
{
    [ThreadStatic]
    private static List<string>? heard;

    /// <summary>
    /// The names of the operators that the work calls on this thread, in their order, inner and backward ones too; "host
    /// memory" wherever .NET reads or writes a tensor's numbers.
    /// </summary>
    public static IReadOnlyList<string> To(Action work)
    {
        List<string> names = [];
        heard = names;
        Door.longtail_listen(&Hear);
        try
        {
            work();
        }
        finally
        {
            Door.longtail_listen(null);
        }
        return names;
    }

    [UnmanagedCallersOnly]
    private static void Hear(byte* name) => heard!.Add(Marshal.PtrToStringUTF8((nint)name)!);
}

using System.Reflection;
using System.Runtime.InteropServices;

namespace TorchSharp.Calls;

/// <summary>The C functions of native/door.cpp and native/cuda.cpp.</summary>
internal static unsafe partial class Door
{
    private const string Library = "longtail_torch";

    static Door()
    {
        NativeLibrary.SetDllImportResolver(typeof(Door).Assembly, Resolve);
        Blas.PreferOpenMP();
        longtail_keep_memory();
    }

    /// <summary>The message that the last failed call on this thread left.</summary>
    internal static string Error => Marshal.PtrToStringUTF8(longtail_error()) ?? "";

    internal static string Version => Marshal.PtrToStringUTF8(longtail_version()) ?? "";

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
            return 0;
        var file = Path.Combine(Path.GetDirectoryName(assembly.Location)!, "liblongtail_torch.so");
        if (!File.Exists(file))
            throw new DllNotFoundException(
                $"the native door is not built: {file} is missing; run `dotnet fsi build.fsx build`"
            );
        return NativeLibrary.Load(file);
    }

    [LibraryImport(Library)]
    private static partial nint longtail_error();

    [LibraryImport(Library)]
    private static partial nint longtail_version();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint longtail_operator(string name, string overload);

    [LibraryImport(Library)]
    internal static partial int longtail_call(
        nint op,
        NativeValue* arguments,
        int count,
        NativeValue* results,
        int capacity
    );

    [LibraryImport(Library)]
    internal static partial void longtail_listen(delegate* unmanaged<byte*, void> heard);

    [LibraryImport(Library)]
    internal static partial void longtail_free_list(nint items);

    [LibraryImport(Library)]
    internal static partial void longtail_release(nint tensor);

    [LibraryImport(Library)]
    internal static partial long longtail_dim(nint tensor);

    [LibraryImport(Library)]
    internal static partial void longtail_layout(nint tensor, long* sizes, long* strides);

    [LibraryImport(Library)]
    internal static partial int longtail_dtype(nint tensor);

    [LibraryImport(Library)]
    internal static partial long longtail_device(nint tensor);

    [LibraryImport(Library)]
    internal static partial void* longtail_data(nint tensor);

    [LibraryImport(Library)]
    internal static partial int longtail_is_leaf(nint tensor);

    [LibraryImport(Library)]
    internal static partial int longtail_requires_grad(nint tensor);

    [LibraryImport(Library)]
    internal static partial int longtail_set_requires_grad(nint tensor, int required);

    [LibraryImport(Library)]
    internal static partial nint longtail_grad(nint tensor);

    [LibraryImport(Library)]
    internal static partial void longtail_set_grad(nint tensor, nint gradient);

    [LibraryImport(Library)]
    internal static partial int longtail_backward(
        nint* tensors,
        nint* gradients,
        int count,
        int retain,
        int create
    );

    [LibraryImport(Library)]
    internal static partial int longtail_grad_enabled();

    [LibraryImport(Library)]
    internal static partial void longtail_set_grad_enabled(int enabled);

    [LibraryImport(Library)]
    internal static partial nint longtail_generator(long device, ulong seed);

    [LibraryImport(Library)]
    internal static partial void longtail_free_generator(nint generator);

    [LibraryImport(Library)]
    internal static partial void longtail_manual_seed(ulong seed);

    [LibraryImport(Library)]
    internal static partial long longtail_cuda_devices();

    [LibraryImport(Library)]
    internal static partial int longtail_new_stream(long device, NativeStream* made);

    [LibraryImport(Library)]
    internal static partial int longtail_exchange_stream(NativeStream* stream);

    [LibraryImport(Library)]
    internal static partial int longtail_finish_stream(long device);

    [LibraryImport(Library)]
    internal static partial int longtail_graphs();

    [LibraryImport(Library)]
    internal static partial nint longtail_graph_begin(long device);

    [LibraryImport(Library)]
    internal static partial int longtail_graph_end(nint graph, long device);

    [LibraryImport(Library)]
    internal static partial int longtail_graph_replay(nint graph, long device);

    [LibraryImport(Library)]
    internal static partial void longtail_free_graph(nint graph);

    [LibraryImport(Library)]
    internal static partial long longtail_peak_bytes(long device);

    [LibraryImport(Library)]
    internal static partial int longtail_forget_peak(long device);

    [LibraryImport(Library)]
    internal static partial int longtail_threads();

    [LibraryImport(Library)]
    internal static partial void longtail_set_threads(int count);

    [LibraryImport(Library)]
    private static partial void longtail_keep_memory();
}

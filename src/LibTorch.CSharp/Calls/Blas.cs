using System.Runtime.InteropServices;

namespace TorchSharp.Calls;

/// <summary>Which matrix library stands behind libtorch; on it hangs a factor of forty.</summary>
internal static class Blas
{
    private static readonly string[] Folders =
    [
        "/usr/lib/x86_64-linux-gnu/openblas-openmp",
        "/usr/lib/aarch64-linux-gnu/openblas-openmp",
    ];

    /// <summary>
    /// Loads OpenBLAS's OpenMP build, where the machine has it, before libtorch asks for a BLAS by name: the loader then
    /// takes this one, whatever the system's alternatives point at.
    /// </summary>
    internal static void PreferOpenMP()
    {
        foreach (var library in new[] { "libopenblas.so.0", "libblas.so.3", "liblapack.so.3" })
        foreach (var folder in Folders)
        {
            var file = Path.Combine(folder, library);
            if (File.Exists(file))
                NativeLibrary.Load(file);
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace LongTail.Core.Interop;

/// <summary>
/// libtorch, TorchSharp's native part and our kernels, each loaded by its path and once a process: no program needs a copy
/// of them beside it.
/// </summary>
public static class Engine
{
    private static readonly Lock Gate = new();
    private static bool loaded;

    /// <summary>Loads the engine, where it is not yet loaded.</summary>
    /// <exception cref="InputException">A library is missing or cannot be loaded.</exception>
    public static void Load()
    {
        if (OperatingSystem.IsLinux() && !loaded)
            SetUpLibraries();
        LoadAsPackaged();
    }

    /// <summary>As <see cref="Load()"/>, with memory and threads as any program has them that uses TorchSharp: what a benchmark compares with.</summary>
    /// <exception cref="InputException">A library is missing or cannot be loaded.</exception>
    public static void LoadAsPackaged()
    {
        using var alone = Gate.EnterScope();
        if (loaded)
            return;
        // TorchSharp finds by their names what is loaded already.
        _ = Torch;
        Load(EngineFolder.TorchSharp);
        loaded = true;
    }

    /// <summary>Another text for another libtorch or other kernels: what was timed with one says nothing of the other. Loads neither.</summary>
    public static string Stamp =>
        $"{EngineFolder.Torch} {File.GetLastWriteTimeUtc(EngineFolder.TorchSharp).Ticks} {File.GetLastWriteTimeUtc(EngineFolder.Kernels).Ticks}";

    /// <summary>libtorch, whose symbols and those of all that it stands on can be asked for.</summary>
    internal static nint Torch => Load(Path.Combine(EngineFolder.Torch, "libtorch.so"));

    /// <summary>The library at this path.</summary>
    internal static nint Load(string file)
    {
        if (!File.Exists(file))
            throw new InputException($"{file} is missing: {Remedy(file)}");
        try
        {
            return NativeLibrary.Load(file);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new InputException($"{file} cannot be loaded ({Reason(e)}): {Remedy(file)}");
        }
    }

    private static string Remedy(string file) =>
        EngineFolder.Chosen is not null && file != EngineFolder.Kernels
            ? $"give in {EngineFolder.Choice} a folder of libtorch 2.10's libraries, or unset it"
            : "run `dotnet fsi build.fsx engine`";

    // What asks TorchSharp for a tensor before anything asks the machine for its devices comes here.
#pragma warning disable CA2255 // No program's entry is ours alone: scripts and tests have their own.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void LoadOnDemand()
    {
        AssemblyLoadContext.GetLoadContext(typeof(torch).Assembly)!.ResolvingUnmanagedDll += (
            _,
            name
        ) =>
        {
            if (name == "libSkiaSharp")
                return Load(EngineFolder.Skia);
            if (name is not ("torch_cpu" or "torch_cuda" or "LibTorchSharp"))
                return 0;
            Load();
            return name == "LibTorchSharp" ? Load(EngineFolder.TorchSharp) : Torch;
        };
        // TorchSharp's finalizers free scalars that libtorch may still read (native/scalars.cpp).
        NativeLibrary.SetDllImportResolver(
            typeof(torch).Assembly,
            (name, _, _) =>
            {
                if (name != "LibTorchSharp" || !File.Exists(EngineFolder.Scalars))
                    return 0;
                Load();
                return Load(EngineFolder.Scalars);
            }
        );
    }

    private static void SetUpLibraries()
    {
        // libgomp's threads spin some milliseconds before they sleep: beside other programs on the same cores a small step takes
        // several times as long. Half a millisecond is enough to be as fast as that on an idle machine; threads that sleep at
        // once take 3 to 8 % longer there. libgomp reads the system's variables, which are not .NET's, when it is loaded.
        if (Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
            _ = setenv("GOMP_SPINCOUNT", "100000", overwrite: 0);
        // glibc returns freed pages to the system at every step, only to fault them in again; a training step is 10 to 20 %
        // faster without. One arena, because a second thread's arena cannot hold blocks of over 64 MiB.
        mallopt(ArenaMax, 1);
        mallopt(MmapMax, 0);
        mallopt(TrimThreshold, -1);
    }

    // The loader's own words, of which there are several where it tried several names.
    private static string Reason(Exception e) =>
        e.Message.Split('\n').FirstOrDefault(line => line.StartsWith('/')) is { } line
            ? line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..].TrimEnd('.')
            : e.Message.Split('\n')[0].TrimEnd('.');

    // malloc.h
    private const int TrimThreshold = -1;
    private const int MmapMax = -4;
    private const int ArenaMax = -8;

    [DllImport("libc")]
    private static extern int mallopt(int parameter, int value);

    [DllImport("libc", CharSet = CharSet.Ansi)]
    private static extern int setenv(string name, string value, int overwrite);
}

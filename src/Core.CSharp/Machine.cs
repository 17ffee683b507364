using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core;

/// <summary>What this process computes on.</summary>
public static class Machine
{
    private const string Maps = "/proc/self/maps";

    /// <summary>
    /// How many cores the calling thread's operations take. libtorch's own choice is one a physical core, which leaves half
    /// of a small virtual machine idle.
    /// </summary>
    public static void UseThreads(int threads) => set_num_threads(threads);

    /// <summary>
    /// Threads that wait for others sleep, if this is said before libtorch is loaded and nobody chose otherwise. Beside other
    /// programs' work, threads that spin make a small step take tens of times as long.
    /// </summary>
    public static void LetThreadsSleep()
    {
        // libtorch reads the system's variables, which are not .NET's.
        if (OperatingSystem.IsLinux())
            _ = setenv("OMP_WAIT_POLICY", "passive", overwrite: 0);
    }

    /// <summary>The device of a description, if this machine has it.</summary>
    /// <exception cref="InputException">No such device is known or here.</exception>
    public static Device Device(string description)
    {
        Device found;
        try
        {
            found = device(description);
        }
        catch (ArgumentException)
        {
            throw new InputException(
                $"device '{description}' is unknown: give cpu, cuda or cuda:N"
            );
        }
        var count = description == "cpu" ? 0 : CudaDevices();
        if (description != "cpu" && Math.Max(found.index, 0) >= count)
            throw new InputException(
                $"device '{description}' is not there: this libtorch ({__version__}) sees {count} CUDA devices; use --device cpu, or build the native door against a CUDA libtorch (README, GPU)"
            );
        return found;
    }

    /// <summary>How many CUDA devices this libtorch sees.</summary>
    public static int CudaDevices() => cuda.device_count();

    /// <summary>Whether this libtorch has attention in one operator (from 2.0 on), which on a GPU keeps no attention weights.</summary>
    public static bool FusesAttention { get; } =
        Version.TryParse(__version__.Split('+')[0], out var version) && version.Major >= 2;

    /// <summary>Version of libtorch and the BLAS behind it, for who asks later what a number was computed with.</summary>
    public static string Engine() =>
        string.Join(", ", BlasLibraries().Prepend($"libtorch {__version__}"));

    /// <summary>The BLAS libraries loaded behind libtorch, links resolved; empty where the system cannot tell.</summary>
    public static IReadOnlyList<string> BlasLibraries()
    {
        using var probe = ones(1);
        return File.Exists(Maps)
            ?
            [
                .. File.ReadLines(Maps)
                    .Select(line => line[(line.LastIndexOf(' ') + 1)..])
                    .Where(file => file.StartsWith('/') && IsBlas(Path.GetFileName(file)))
                    .Distinct(),
            ]
            : [];
    }

    /// <summary>One line where matrix products are known to be slow on a loaded BLAS; null where all is well.</summary>
    public static string? BlasWarning() =>
        BlasLibraries()
            .Select(file => (file, fault: Fault(file)))
            .Where(found => found.fault is not null)
            .Select(found =>
                $"slow BLAS: {found.file} is loaded, {found.fault}; run `apt-get install libopenblas0-openmp` and preload nothing else"
            )
            .FirstOrDefault();

    /// <summary>Whether this is what libtorch, its CUDA allocator or the runtime say where memory has run out.</summary>
    public static bool IsOutOfMemory(Exception e) =>
        e is OutOfMemoryException
        || e is ExternalException
            && (
                e.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
                || e.Message.Contains("can't allocate memory", StringComparison.Ordinal)
            );

    /// <summary>
    /// Largest resident memory in MiB since the last <see cref="ForgetPeakMemory"/>, on a GPU what the process's tensors took of
    /// it; 0 where the system cannot tell.
    /// </summary>
    public static double PeakMemoryMiB(Device device) =>
        device.type == DeviceType.CPU ? PeakResidentMiB() : Gpu.PeakMemoryMiB(device);

    /// <summary>Starts the peak anew; where the system does not allow it, the peak stays the process's.</summary>
    public static void ForgetPeakMemory(Device device)
    {
        if (device.type == DeviceType.CPU)
            ForgetPeakResident();
        else
            Gpu.ForgetPeakMemory(device);
    }

    /// <summary>Hands what was freed back to the system, so that what comes next shows in the resident memory.</summary>
    public static void GiveMemoryBack()
    {
        GC.Collect();
        if (OperatingSystem.IsLinux())
            _ = malloc_trim(0);
    }

    private static double PeakResidentMiB() =>
        File.Exists("/proc/self/status")
        && File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("VmHWM"))
            is { } line
            ? double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) / 1024
            : 0;

    private static void ForgetPeakResident()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }

    [DllImport("libc", CharSet = CharSet.Ansi)]
    private static extern int setenv(string name, string value, int overwrite);

    [DllImport("libc")]
    private static extern int malloc_trim(nint padding);

    private static bool IsBlas(string name) =>
        name.StartsWith("libblas", StringComparison.Ordinal)
        || name.StartsWith("libopenblas", StringComparison.Ordinal)
        || name.StartsWith("libmkl", StringComparison.Ordinal);

    private static string? Fault(string file)
    {
        if (file.Contains("openblas-pthread", StringComparison.Ordinal))
            return "whose threads fight libtorch's own: steps take about twice as long";
        if (file.Contains("openblas-serial", StringComparison.Ordinal))
            return "which uses one core";
        return
            file.Contains("openblas", StringComparison.Ordinal)
            || file.Contains("mkl", StringComparison.Ordinal)
            ? null
            : "the reference build, some forty times slower than OpenBLAS";
    }
}

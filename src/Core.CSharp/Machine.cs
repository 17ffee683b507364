using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core;

/// <summary>What this process computes on.</summary>
public static partial class Machine
{
    /// <summary>
    /// How many cores the calling thread's operations take. libtorch's own choice is one a physical core, which leaves half
    /// of a small virtual machine idle.
    /// </summary>
    /// <exception cref="InputException">The engine's libraries are missing or cannot be loaded.</exception>
    public static void UseThreads(int threads)
    {
        Interop.Engine.Load();
        // A thread's first operator would else take the number that any other thread has asked for last.
        get_num_threads();
        set_num_threads(threads);
    }

    /// <summary>The device of a description, if this machine has it.</summary>
    /// <exception cref="InputException">No such device is known or here.</exception>
    public static Device Device(string description)
    {
        Interop.Engine.Load();
        if (description == "cpu")
            return CPU;
        if (CudaName().Match(description) is not { Success: true } named)
            throw new InputException(
                $"device '{description}' is unknown: give cpu, cuda or cuda:N"
            );
        var (count, index) = (CudaDevices(), named.Groups[1].Value);
        if (count == 0 || index.Length > 0 && int.Parse(index) >= count)
            throw new InputException(
                $"device '{description}' is not there: {Engine()} sees {count} CUDA devices; use --device cpu, or name a CUDA libtorch in {Interop.EngineFolder.Choice} (README, GPU)"
            );
        return device(description);
    }

    /// <summary>How many CUDA devices this libtorch sees.</summary>
    public static int CudaDevices()
    {
        Interop.Engine.Load();
        return cuda.device_count();
    }

    /// <summary>The engine's packages and where its libtorch lies, for who asks later what a number was computed with.</summary>
    public static string Engine() =>
        $"TorchSharp {typeof(torch).Assembly.GetName().Version!.ToString(3)} on libtorch "
        + (
            Interop.EngineFolder.Chosen is { } folder
                ? $"in {folder}"
                : Version.Parse(__version__).ToString(3)
        );

    /// <summary>One line where blocks are computed by libtorch's own operators on this CPU, and what that costs; null where all is well.</summary>
    public static string? KernelWarning() =>
        Models.FrozenBlock.Levels > 0
            ? null
            : "the kernels are not built, so libtorch's own operators compute frozen blocks: steps take 1.4 to 2.7 times as long, and last bits depend on the number of threads; install g++ and run `dotnet fsi build.fsx build`";

    /// <summary>Whether this is what libtorch, its CUDA allocator or the runtime say where memory has run out.</summary>
    public static bool IsOutOfMemory(Exception e) =>
        e is OutOfMemoryException
        || e is ExternalException
            && (
                e.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
                || e.Message.Contains("can't allocate memory", StringComparison.Ordinal)
                || e.Message.Contains("not enough memory", StringComparison.Ordinal)
                || e.Message.Contains("bad_alloc", StringComparison.Ordinal)
            );

    /// <summary>
    /// Largest resident memory in MiB since the last <see cref="ForgetPeakMemory"/>; null where the system cannot tell, and on
    /// a GPU, whose allocator TorchSharp does not ask.
    /// </summary>
    public static double? PeakMemoryMiB(Device device) =>
        device.type == DeviceType.CPU && File.Exists(Status)
            ? PeakResidentMiB(File.ReadLines(Status))
            : null;

    /// <summary>Starts the peak anew; where the system does not allow it, the peak stays the process's.</summary>
    public static void ForgetPeakMemory(Device device)
    {
        if (device.type == DeviceType.CPU)
            ForgetPeakResident();
    }

    /// <summary>Hands what was freed back to the system, so that what comes next shows in the resident memory.</summary>
    public static void GiveMemoryBack()
    {
        GC.Collect();
        if (OperatingSystem.IsLinux())
            _ = malloc_trim(0);
    }

    private const string Status = "/proc/self/status";

    [GeneratedRegex(@"^cuda(?::(\d{1,4}))?$")]
    private static partial Regex CudaName();

    /// <summary>VmHWM of the lines of Linux's /proc/PID/status, in MiB; null where they do not tell it.</summary>
    public static double? PeakResidentMiB(IEnumerable<string> status) =>
        status.FirstOrDefault(line => line.StartsWith("VmHWM", StringComparison.Ordinal))
            is { } line
            // From ten million kB on no space is left behind the tab.
            ? double.Parse(
                line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[^2],
                CultureInfo.InvariantCulture
            ) / 1024
            : null;

    private static void ForgetPeakResident()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }

    [DllImport("libc")]
    private static extern int malloc_trim(nint padding);
}

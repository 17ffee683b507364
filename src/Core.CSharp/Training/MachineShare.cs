using static TorchSharp.torch;

namespace LongTail.Core.Training;

/// <summary>What an epoch had of the machine; the least of it, where it changed within the epoch.</summary>
/// <param name="Device">"cpu", "cuda" or "cuda:N".</param>
/// <param name="Threads">CPU threads that it computed with.</param>
/// <param name="Beside">Other runs that this process had under way. What other processes do is not known.</param>
public sealed record MachineShare(string Device, int Threads, int Beside)
{
    private static int underWay;

    /// <summary>Counts one more run as under way, until the answer is disposed of.</summary>
    internal static IDisposable Take() => new Running();

    /// <summary>Of the calling thread, whose run is one of those counted.</summary>
    internal static MachineShare Now(Device device) =>
        new(device.ToString(), get_num_threads(), Volatile.Read(ref underWay) - 1);

    internal MachineShare Least(MachineShare? before) =>
        before is null
            ? this
            : new(Device, Math.Min(Threads, before.Threads), Math.Max(Beside, before.Beside));

    /// <summary>Those epochs that had what most had, the least of it where as many had another.</summary>
    internal static IReadOnlyList<EpochResult> Usual(IEnumerable<EpochResult> epochs) =>
        [
            .. epochs
                .GroupBy(epoch => epoch.Share)
                .OrderByDescending(group => group.Count())
                .ThenBy(group => group.Key.Threads)
                .ThenByDescending(group => group.Key.Beside)
                .Take(1)
                .SelectMany(group => group),
        ];

    private sealed class Running : IDisposable
    {
        internal Running() => Interlocked.Increment(ref underWay);

        public void Dispose() => Interlocked.Decrement(ref underWay);
    }
}

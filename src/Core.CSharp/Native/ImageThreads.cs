using static TorchSharp.torch;

namespace LongTail.Core.Native;

/// <summary>Hands work to as many threads as the calling one may take (<see cref="Machine.UseThreads"/>).</summary>
internal static class ImageThreads
{
    // Some hundred rows a group, so that the weights are read seldom; as many groups for each thread.
    private const long GroupRows = 96;

    /// <summary>Work on so many images from the first on, in a thread's own space.</summary>
    internal delegate void Work(long first, long count, nint space);

    /// <summary>Whole images, a group at a time to whichever thread is free. What an image gives does not depend on its group.</summary>
    /// <param name="rows">Of an image.</param>
    /// <param name="space">Numbers of space that a group of so many images is computed in.</param>
    internal static void Over(
        long images,
        long rows,
        Func<long, long> space,
        ScalarType type,
        Work work
    )
    {
        var threads = Math.Max(1, Math.Min(get_num_threads(), images));
        var usual = Math.Max(1, GroupRows / rows);
        var groups = Math.Min(images, (images + usual * threads - 1) / (usual * threads) * threads);
        var each = space((images + groups - 1) / groups);
        using var all = empty([threads * each], type);
        var (start, stride) = (all.Start(), each * all.element_size());
        var taken = -1L;
        Together(
            threads,
            thread =>
            {
                for (
                    var group = Interlocked.Increment(ref taken);
                    group < groups;
                    group = Interlocked.Increment(ref taken)
                )
                {
                    var first = images * group / groups;
                    work(
                        first,
                        images * (group + 1) / groups - first,
                        start + (nint)(thread * stride)
                    );
                }
            }
        );
    }

    /// <summary>Nearly equal parts of so many columns, one a thread.</summary>
    internal static void OverColumns(long columns, Action<long, long> work)
    {
        var threads = get_num_threads();
        Together(
            threads,
            thread => work(columns * thread / threads, columns * (thread + 1) / threads)
        );
    }

    private static void Together(long threads, Action<long> work)
    {
        if (threads == 1)
            work(0);
        else
            Parallel.For(0, threads, work);
    }
}

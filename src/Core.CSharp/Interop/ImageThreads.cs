using static TorchSharp.torch;

namespace LongTail.Core.Interop;

/// <summary>Hands whole images to as many threads as the calling one may take (<see cref="Machine.UseThreads"/>).</summary>
internal static class ImageThreads
{
    // Some hundred rows a group, so that the weights are read seldom; as many groups for each thread.
    private const long GroupRows = 96;

    /// <summary>Work on so many images from the first on, in a thread's own space.</summary>
    internal delegate void Work(long first, long count, nint space);

    /// <summary>A group of images at a time to whichever thread is free. What an image gives does not depend on its group.</summary>
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
        var threads = (int)Math.Max(1, Math.Min(get_num_threads(), images));
        var usual = Math.Max(1, GroupRows / rows);
        var groups = Math.Min(images, (images + usual * threads - 1) / (usual * threads) * threads);
        if (groups == 0)
            return;
        var each = space((images + groups - 1) / groups);
        using var all = empty([threads * each], type);
        var (start, stride) = (all.Start(), each * all.element_size());
        var taken = -1L;
        OpenMP.Run(
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
                    var count = images * (group + 1) / groups - first;
                    work(first, count, start + (nint)(thread * stride));
                }
            }
        );
    }
}

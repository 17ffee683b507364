using static TorchSharp.torch;

namespace LongTail.Core.Interop;

/// <summary>Hands whole images to as many threads as the calling one may take (<see cref="Machine.UseThreads"/>).</summary>
internal static class ImageThreads
{
    // Some hundred rows a group, so that the weights are read seldom.
    private const long GroupRows = 96;

    /// <summary>Work on so many images from the first on, in a thread's own space.</summary>
    internal delegate void Work(long first, long count, nint space);

    /// <summary>
    /// A group of images at a time to whichever thread is free, smaller ones towards the end, so that nobody waits long for the
    /// last. What an image gives does not depend on its group.
    /// </summary>
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
        if (images == 0)
            return;
        var threads = (int)Math.Min(get_num_threads(), images);
        var most = Math.Max(1, GroupRows / rows);
        var each = space(most);
        using var all = empty([threads * each], type);
        var (start, stride) = (all.Start(), each * all.element_size());
        var taken = 0L;
        OpenMP.Run(
            threads,
            thread =>
            {
                while (Take(ref taken, images, threads, most) is var (first, count) && count > 0)
                    work(first, count, start + (nint)(thread * stride));
            }
        );
    }

    private static (long First, long Count) Take(
        ref long taken,
        long images,
        int threads,
        long most
    )
    {
        for (; ; )
        {
            var first = Volatile.Read(ref taken);
            var left = images - first;
            var count = Math.Min(left, Math.Clamp(left / (2 * threads), 1, most));
            if (count == 0 || Interlocked.CompareExchange(ref taken, first + count, first) == first)
                return (first, count);
        }
    }
}

using System.Buffers;
using LongTail.Core.Interop;

namespace LongTail.Core.Models;

/// <summary>What a block's backward pass reads again: the tokens that entered the block, and what native/level.h names.</summary>
/// <param name="Tokens">Not written of the first block, whose tokens the graph keeps.</param>
internal readonly record struct KeptBlock(nint Tokens, Kept Read);

/// <summary>
/// What a block's forward pass leaves for its backward pass, some ten times its tokens. It lies apart from libtorch's tensors
/// and goes from step to step: in one heap with them, pieces of this size leave gaps of a fifth.
/// </summary>
internal sealed unsafe class KeptMemory : IDisposable
{
    // Of a cache line, as libtorch's tensors.
    private const long Alignment = 64;

    private readonly long[] starts;
    private readonly IMemoryOwner<long> owner;
    private MemoryHandle pinned;

    /// <param name="bytes">Of each part of a <see cref="KeptBlock"/>.</param>
    /// <exception cref="OutOfMemoryException">There is not so much memory.</exception>
    internal KeptMemory(long[] bytes)
    {
        starts = new long[bytes.Length + 1];
        for (var i = 0; i < bytes.Length; i++)
            starts[i + 1] = starts[i] + (bytes[i] + Alignment - 1) / Alignment * Alignment;
        owner = MemoryPool<long>.Shared.Rent(
            checked((int)((starts[^1] + Alignment) / sizeof(long)))
        );
        pinned = owner.Memory.Pin();
    }

    ~KeptMemory() => Free();

    /// <exception cref="ObjectDisposedException">A backward pass has read it, and was not to keep the graph.</exception>
    internal KeptBlock Block
    {
        get
        {
            ObjectDisposedException.ThrowIf(pinned.Pointer == null, this);
            var start = ((nint)pinned.Pointer + (nint)Alignment - 1) / (nint)Alignment;
            var at = Array.ConvertAll(starts, part => start * (nint)Alignment + (nint)part);
            return new(
                at[0],
                new()
                {
                    Qkv = at[1],
                    Mixed = at[2],
                    Slopes = at[3],
                    Denominators = at[4],
                }
            );
        }
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (pinned.Pointer == null)
            return;
        pinned.Dispose();
        pinned = default;
        owner.Dispose();
    }
}

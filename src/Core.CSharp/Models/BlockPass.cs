using LongTail.Core.Interop;
using static TorchSharp.torch;

namespace LongTail.Core.Models;

/// <summary>
/// A batch's pass through a packed block, forward and backward, on memory that has been checked: images go to the threads
/// in groups. The prompts' gradients are added up in the order of the images, so that results are the same for any number
/// of threads.
/// </summary>
internal sealed unsafe class BlockPass(PackedBlock block, Sizes sizes)
{
    /// <summary>
    /// Bytes that the backward pass of so many images reads again: tokens, but of the first block; queries, keys and values;
    /// sums after the attention; slopes; denominators.
    /// </summary>
    internal long[] Kept(long images, bool first) =>
        [
            first ? 0 : Bytes(images * sizes.Tokens * sizes.Width),
            Bytes(images * sizes.Tokens * 3 * sizes.Width),
            Bytes(images * sizes.Read * sizes.Width),
            Bytes(images * sizes.Read * sizes.Hidden),
            Bytes(images * sizes.Read * sizes.Heads),
        ];

    /// <summary>Room for the outputs that are read, (B, Read, Width).</summary>
    internal Tensor Outputs(long images) => Room(images, sizes.Read, sizes.Width);

    /// <summary>Tokens (B, T, Width) and prompts (P, Width) to the outputs that are read, (B, Read, Width).</summary>
    /// <param name="kept">Written for a backward pass; nowhere where none comes.</param>
    internal void Forward(long images, nint tokens, Tensor prompts, nint outputs, Kept kept)
    {
        using var shared = QueriesKeysValues(prompts);
        var (added, qkv) = (prompts.Start(), shared.Start());
        OverImages(
            images,
            (first, count, space) =>
            {
                var (s, w, k) = (sizes, block.Weights, From(kept, first));
                block.Kernels->Forward(
                    &s,
                    &w,
                    count,
                    tokens + Bytes(first * s.Tokens * s.Width),
                    added,
                    qkv,
                    outputs + Bytes(first * s.Read * s.Width),
                    &k,
                    space
                );
            }
        );
    }

    /// <summary>The outputs' gradient (B, Read, Width) to those of the tokens and of the prompts (P, Width).</summary>
    /// <param name="tokensSlope">0 where it is not asked for.</param>
    internal void Backward(
        long images,
        nint tokens,
        Tensor prompts,
        Kept kept,
        nint slope,
        nint tokensSlope,
        Tensor promptsSlope
    )
    {
        var (rows, width) = (sizes.Prompts, sizes.Width);
        using var shared = QueriesKeysValues(prompts);
        using var each = Room(images, rows, 3 * width);
        using var residuals = Room(images, rows, width);
        var (qkv, toPrompts, past) = (shared.Start(), each.Start(), residuals.Start());
        OverImages(
            images,
            (first, count, space) =>
            {
                var (s, w, k) = (sizes, block.Weights, From(kept, first));
                block.Kernels->Backward(
                    &s,
                    &w,
                    count,
                    tokens + Bytes(first * s.Tokens * s.Width),
                    qkv,
                    &k,
                    slope + Bytes(first * s.Read * s.Width),
                    tokensSlope == 0 ? 0 : tokensSlope + Bytes(first * s.Tokens * s.Width),
                    toPrompts + Bytes(first * s.Prompts * 3 * s.Width),
                    past + Bytes(first * s.Prompts * s.Width),
                    space
                );
            }
        );
        if (rows == 0)
            return;
        using var sum = SumOf(each);
        using var residual = SumOf(residuals);
        using var space = Space();
        var (s, w) = (sizes, block.Weights);
        block.Kernels->PromptsBackward(
            &s,
            &w,
            prompts.Start(),
            sum.Start(),
            residual.Start(),
            promptsSlope.Start(),
            space.Start()
        );
    }

    private void OverImages(long images, ImageThreads.Work work) =>
        ImageThreads.Over(
            images,
            sizes.Tokens,
            count =>
            {
                var s = sizes;
                return block.Kernels->Space(&s, count);
            },
            block.Type,
            work
        );

    // (P, 3 Width): the prompts', which all images share.
    private Tensor QueriesKeysValues(Tensor prompts)
    {
        var qkv = Room(sizes.Prompts, 3 * sizes.Width);
        if (sizes.Prompts == 0)
            return qkv;
        using var space = Space();
        var (s, w) = (sizes, block.Weights);
        block.Kernels->PromptsForward(&s, &w, prompts.Start(), qkv.Start(), space.Start());
        return qkv;
    }

    // (images, P, N) to (P, N).
    private Tensor SumOf(Tensor each)
    {
        var sum = Room(each.shape[1], each.shape[2]);
        block.Kernels->AddUp(each.shape[0], sum.numel(), each.Start(), sum.Start());
        return sum;
    }

    private Tensor Space()
    {
        var s = sizes;
        return Room(block.Kernels->Space(&s, 0));
    }

    private Tensor Room(params long[] shape) => empty(shape, block.Type);

    private Kept From(Kept start, long image)
    {
        if (start.Qkv == 0)
            return start;
        var row = image * sizes.Read;
        return new()
        {
            Qkv = start.Qkv + Bytes(image * sizes.Tokens * 3 * sizes.Width),
            Mixed = start.Mixed + Bytes(row * sizes.Width),
            Slopes = start.Slopes + Bytes(row * sizes.Hidden),
            Denominators = start.Denominators + Bytes(row * sizes.Heads),
        };
    }

    private nint Bytes(long numbers) => (nint)(numbers * block.NumberBytes);
}

using LongTail.Core.Interop;
using static TorchSharp.torch;

namespace LongTail.Core.Models;

/// <summary>
/// A batch's pass through a packed block, forward and backward, on tensors that have been checked: images go to the threads
/// in groups. The prompts' gradients are added up in the order of the images, so that results are the same for any number
/// of threads.
/// </summary>
internal sealed unsafe class BlockPass(PackedBlock block, Sizes sizes)
{
    /// <summary>What the backward pass of so many images reads again.</summary>
    internal KeptMemory RoomToKeep(long images)
    {
        var read = images * sizes.Read;
        return new(
            Bytes(images * sizes.Tokens * 3 * sizes.Width),
            Bytes(read * sizes.Width),
            Bytes(read * sizes.Hidden),
            Bytes(read * sizes.Heads)
        );
    }

    /// <summary>Tokens (B, T, Width) and prompts (P, Width) to the outputs that are read, (B, Read, Width).</summary>
    /// <param name="kept">Written for a backward pass; nowhere where none comes.</param>
    internal Tensor Forward(Tensor tokens, Tensor prompts, Kept kept)
    {
        var outputs = Room(tokens.shape[0], sizes.Read, sizes.Width);
        using var shared = QueriesKeysValues(prompts);
        var (from, added, qkv) = (tokens.Start(), prompts.Start(), shared.Start());
        var to = outputs.Start();
        OverImages(
            tokens.shape[0],
            (first, count, space) =>
            {
                var (s, w, k) = (sizes, block.Weights, From(kept, first));
                block.Kernels->Forward(
                    &s,
                    &w,
                    count,
                    from + Bytes(first * s.Tokens * s.Width),
                    added,
                    qkv,
                    to + Bytes(first * s.Read * s.Width),
                    &k,
                    space
                );
            }
        );
        return outputs;
    }

    /// <summary>The outputs' gradient (B, Read, Width) to those of the tokens, null where not asked for, and of the prompts.</summary>
    internal (Tensor? Tokens, Tensor Prompts) Backward(
        Tensor tokens,
        Tensor prompts,
        Kept kept,
        Tensor slope,
        bool tokensWanted
    )
    {
        var images = tokens.shape[0];
        var (rows, width) = (sizes.Prompts, sizes.Width);
        var tokensSlope = tokensWanted ? empty_like(tokens) : null;
        var promptsSlope = empty_like(prompts);
        using var shared = QueriesKeysValues(prompts);
        using var each = Room(images, rows, 3 * width);
        using var residuals = Room(images, rows, width);
        var (from, qkv, given) = (tokens.Start(), shared.Start(), slope.Start());
        var (to, toPrompts, past) = (tokensSlope.Start(), each.Start(), residuals.Start());
        OverImages(
            images,
            (first, count, space) =>
            {
                var (s, w, k) = (sizes, block.Weights, From(kept, first));
                block.Kernels->Backward(
                    &s,
                    &w,
                    count,
                    from + Bytes(first * s.Tokens * s.Width),
                    qkv,
                    &k,
                    given + Bytes(first * s.Read * s.Width),
                    to == 0 ? 0 : to + Bytes(first * s.Tokens * s.Width),
                    toPrompts + Bytes(first * s.Prompts * 3 * s.Width),
                    past + Bytes(first * s.Prompts * s.Width),
                    space
                );
            }
        );
        if (rows > 0)
        {
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
        return (tokensSlope, promptsSlope);
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

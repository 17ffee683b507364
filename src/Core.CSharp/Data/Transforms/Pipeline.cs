using LongTail.Core.Images;
using LongTail.Core.Settings;
using static TorchSharp.torch;

namespace LongTail.Core.Data.Transforms;

/// <summary>Which batch it is, and so what is drawn for it.</summary>
internal readonly record struct BatchKey(long Seed, long Step, long Count)
{
    internal KeyedDraws Of(Choice choice, int position) => new(Key(choice, position));

    internal ulong Key(Choice choice, int position) => choice.Key(Seed, Step, position);

    /// <summary>Numbers below the limit from the stream of crops and flips, behind others of it.</summary>
    internal long[] Shared(long limit, long others, long count)
    {
        using var scope = NewDisposeScope();
        using var generator = Randomness.Stream(Seed, Purpose.Augmentation, Step);
        if (others > 0)
            randint(2, [others, Count], ScalarType.Int64, generator: generator);
        return randint(limit, [count, Count], ScalarType.Int64, generator: generator)
            .data<long>()
            .ToArray();
    }
}

/// <summary>What a list of transforms means for the images of one batch, all of one size.</summary>
internal sealed class Pipeline
{
    private readonly List<Pass> passes = [];
    private readonly BatchKey? batch;

    /// <param name="batch">Null where nothing may be random.</param>
    internal Pipeline(
        IReadOnlyList<TransformSettings> transforms,
        int height,
        int width,
        BatchKey? batch
    )
    {
        this.batch = batch;
        (Height, Width) = (height, width);
        if (transforms.DistinctBy(transform => transform.GetType()).Count() < transforms.Count)
            throw new ArgumentException("a transform stands twice in a list");
        var last = transforms.LastOrDefault() as Resize;
        for (var i = 0; i < transforms.Count - (last is null ? 0 : 1); i++)
            Add(transforms[i]);
        (FinalHeight, FinalWidth) = last is null ? (Height, Width) : (last.Side, last.Side);
    }

    internal IReadOnlyList<Pass> Passes => passes;

    /// <summary>Of the bytes that the passes leave.</summary>
    internal int Height { get; private set; }

    /// <inheritdoc cref="Height"/>
    internal int Width { get; private set; }

    /// <summary>Of the model's input.</summary>
    internal int FinalHeight { get; }

    /// <inheritdoc cref="FinalHeight"/>
    internal int FinalWidth { get; }

    private BatchKey Batch =>
        batch ?? throw new ArgumentException("what is judged is not transformed at random");

    private void Add(TransformSettings transform)
    {
        switch (transform)
        {
            case RandomCrop crop:
                passes.Add(Windows(Batch, crop.Padding));
                break;
            case RandomFlip:
                passes.Add(Mirrors(Batch));
                break;
            case RandomResizedCrop crop:
                passes.Add(Frames(Batch, crop));
                (Height, Width) = (crop.Side, crop.Side);
                break;
            case AutoAugment { Policy: AugmentationPolicy.Cifar10 }:
                passes.Add(Operations(Batch, Choice.AutoAugment, 2, Policy.AutoAugment));
                break;
            case RandAugment { Operations: var rounds, Magnitude: var magnitude }:
                passes.Add(
                    Operations(
                        Batch,
                        Choice.RandAugment,
                        rounds,
                        (draws, drawn) => Policy.RandAugment(draws, drawn, magnitude / 30.0)
                    )
                );
                break;
            case ColourJitter jitter:
                passes.Add(
                    Operations(
                        Batch,
                        Choice.ColourJitter,
                        3,
                        (draws, drawn) => Policy.Jitter(draws, drawn, jitter)
                    )
                );
                break;
            case Cutout cutout:
                passes.Add(Blanks(Batch, cutout.Side));
                break;
            case ResizeShort { Side: var side }:
                var shorter = Math.Min(Height, Width);
                var (newHeight, newWidth) = (
                    (int)((long)Height * side / shorter),
                    (int)((long)Width * side / shorter)
                );
                passes.Add(new Resizing(Height, Width, newHeight, newWidth));
                (Height, Width) = (newHeight, newWidth);
                break;
            case CentreCrop { Side: var side }:
                passes.Add(new CentreWindow(Middle(Height - side), Middle(Width - side), side));
                (Height, Width) = (side, side);
                break;
            case Resize:
                throw new ArgumentException("a resize is the last transform");
            default:
                throw new ArgumentOutOfRangeException(nameof(transform), transform, "unknown");
        }
    }

    // Crop and flip share a stream: it holds each image's way down, then each one's way right, then the flips.
    private static Windows Windows(BatchKey batch, int padding)
    {
        var moves = batch.Shared(2 * padding + 1, 0, 2);
        var count = (int)batch.Count;
        return new(
            Array.ConvertAll(moves[..count], down => (int)down - padding),
            Array.ConvertAll(moves[count..], right => (int)right - padding)
        );
    }

    private static Mirrors Mirrors(BatchKey batch) =>
        new(Array.ConvertAll(batch.Shared(2, 2, 1), flip => flip == 1));

    private Frames Frames(BatchKey batch, RandomResizedCrop crop)
    {
        var framing = RandomFraming.Of(crop);
        var frames = new Frame[batch.Count];
        for (var i = 0; i < frames.Length; i++)
            frames[i] = framing.Of(Width, Height, batch.Key(Choice.RandomResizedCrop, i));
        return new(frames, crop.Side);
    }

    private static Operations Operations(BatchKey batch, Choice choice, int rounds, Draw draw)
    {
        var drawn = new DrawnOperation[batch.Count * rounds];
        for (var i = 0; i < batch.Count; i++)
            draw(batch.Of(choice, i), drawn.AsSpan(i * rounds, rounds));
        return new(drawn, rounds);
    }

    private Blanks Blanks(BatchKey batch, int side)
    {
        var centres = new (int Down, int Right)[batch.Count];
        for (var i = 0; i < centres.Length; i++)
        {
            var draws = batch.Of(Choice.Cutout, i);
            centres[i] = (draws.Below(Height), draws.Below(Width));
        }
        return new(centres, side);
    }

    /// <summary>Half of what is too much, to the nearest, halves to the even one.</summary>
    private static int Middle(int tooMuch) => (int)Math.Round(tooMuch / 2.0);

    private delegate void Draw(KeyedDraws draws, Span<DrawnOperation> drawn);
}

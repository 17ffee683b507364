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
    private static readonly PixelOperation[] Jittered =
    [
        PixelOperation.Brightness,
        PixelOperation.Contrast,
        PixelOperation.Colour,
    ];

    private readonly List<Step> steps = [];
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

    internal IReadOnlyList<Step> Steps => steps;

    /// <summary>Of the bytes that the steps leave.</summary>
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
                steps.Add(Crop(Batch, crop.Padding));
                break;
            case RandomFlip:
                steps.Add(Flip(Batch));
                break;
            case RandomResizedCrop crop:
                steps.Add(Crop(Batch, crop));
                (Height, Width) = (crop.Side, crop.Side);
                break;
            case AutoAugment { Policy: AugmentationPolicy.Cifar10 }:
                steps.Add(Learnt(Batch));
                break;
            case RandAugment augment:
                steps.Add(RandAugment(Batch, augment));
                break;
            case ColourJitter jitter:
                steps.Add(Jitter(Batch, jitter));
                break;
            case Cutout cutout:
                steps.Add(Cutout(Batch, cutout.Side));
                break;
            case ResizeShort resize:
                var shorter = Math.Min(Height, Width);
                var (newHeight, newWidth) = (
                    (int)((long)Height * resize.Side / shorter),
                    (int)((long)Width * resize.Side / shorter)
                );
                steps.Add(Resampling.Resize(Height, Width, newHeight, newWidth));
                (Height, Width) = (newHeight, newWidth);
                break;
            case CentreCrop { Side: var side }:
                var (top, left) = (Middle(Height - side), Middle(Width - side));
                steps.Add((canvas, _) => canvas.Cut(top, left, side, side));
                (Height, Width) = (side, side);
                break;
            case Resize:
                throw new ArgumentException("a resize is the last transform");
            default:
                throw new ArgumentOutOfRangeException(nameof(transform), transform, "unknown");
        }
    }

    // Crop and flip share a stream: it holds each image's way down, then each one's way right, then the flips.
    private static Step Crop(BatchKey batch, int padding)
    {
        var moves = batch.Shared(2 * padding + 1, 0, 2);
        return (canvas, i) =>
            canvas.Cut(
                (int)moves[i] - padding,
                (int)moves[batch.Count + i] - padding,
                canvas.Height,
                canvas.Width
            );
    }

    private static Step Flip(BatchKey batch)
    {
        var flips = batch.Shared(2, 2, 1);
        return (canvas, i) =>
        {
            if (flips[i] == 1)
                canvas.Mirror();
        };
    }

    private static Step Crop(BatchKey batch, RandomResizedCrop crop)
    {
        var framing = RandomFraming.Of(crop);
        return (canvas, i) =>
        {
            var key = batch.Key(Choice.RandomResizedCrop, i);
            var frame = framing.Of(canvas.Width, canvas.Height, key);
            canvas.Cut((int)frame.Top, (int)frame.Left, (int)frame.Height, (int)frame.Width);
            Resampling.Resize(canvas, crop.Side, crop.Side);
        };
    }

    private static Step Learnt(BatchKey batch) =>
        (canvas, i) => Policy.AutoAugment(canvas, batch.Of(Choice.AutoAugment, i));

    private static Step RandAugment(BatchKey batch, RandAugment augment) =>
        (canvas, i) =>
            Policy.RandAugment(
                canvas,
                augment.Operations,
                augment.Magnitude / 30.0,
                batch.Of(Choice.RandAugment, i)
            );

    private static Step Jitter(BatchKey batch, ColourJitter jitter) =>
        (canvas, i) =>
        {
            var draws = batch.Of(Choice.ColourJitter, i);
            Span<double> factors =
            [
                Factor(jitter.Brightness, ref draws),
                Factor(jitter.Contrast, ref draws),
                Factor(jitter.Saturation, ref draws),
            ];
            // All six orders: the first of three, and whether the other two change places.
            var (first, back) = (draws.Below(3), draws.Below(2));
            for (var k = 0; k < 3; k++)
            {
                var next = (first + (back == 1 ? 3 - k : k)) % 3;
                PixelOperations.Apply(canvas, Jittered[next], factors[next]);
            }
        };

    private static double Factor(double strength, ref KeyedDraws draws) =>
        draws.Uniform(Math.Max(1.0 - strength, 0.0), 1.0 + strength);

    private static Step Cutout(BatchKey batch, int side) =>
        (canvas, i) =>
        {
            var draws = batch.Of(Choice.Cutout, i);
            canvas.Blank(draws.Below(canvas.Height), draws.Below(canvas.Width), side);
        };

    /// <summary>Half of what is too much, to the nearest, halves to the even one.</summary>
    private static int Middle(int tooMuch) => (int)Math.Round(tooMuch / 2.0);
}

using LongTail.Core.Settings;
using static LongTail.Core.Data.Transforms.PixelOperation;

namespace LongTail.Core.Data.Transforms;

/// <summary>Operations that are drawn for each image.</summary>
internal static class Policy
{
    /// <summary>Levels of a published policy's magnitudes.</summary>
    private const double LastLevel = 9.0;

    /// <summary>Two operations, each with its probability and its level.</summary>
    private readonly record struct Pair(
        (PixelOperation Operation, double Probability, int Level) First,
        (PixelOperation Operation, double Probability, int Level) Second
    );

    // AutoAugment's for CIFAR-10 (Cubuk et al. 2019; method.md 4.3).
    private static readonly Pair[] Cifar10 =
    [
        new((Invert, 0.1, 7), (Contrast, 0.2, 6)),
        new((Rotate, 0.7, 2), (TranslateX, 0.3, 9)),
        new((Sharpness, 0.8, 1), (Sharpness, 0.9, 3)),
        new((ShearY, 0.5, 8), (TranslateY, 0.7, 9)),
        new((AutoContrast, 0.5, 8), (Equalize, 0.9, 2)),
        new((ShearY, 0.2, 7), (Posterize, 0.3, 7)),
        new((Colour, 0.4, 3), (Brightness, 0.6, 7)),
        new((Sharpness, 0.3, 9), (Brightness, 0.7, 9)),
        new((Equalize, 0.6, 5), (Equalize, 0.5, 1)),
        new((Contrast, 0.6, 7), (Sharpness, 0.6, 5)),
        new((Colour, 0.7, 7), (TranslateX, 0.5, 8)),
        new((Equalize, 0.3, 7), (AutoContrast, 0.4, 8)),
        new((TranslateY, 0.4, 3), (Sharpness, 0.2, 6)),
        new((Brightness, 0.9, 6), (Colour, 0.2, 8)),
        new((Solarize, 0.5, 2), (Invert, 0.0, 3)),
        new((Equalize, 0.2, 0), (AutoContrast, 0.6, 0)),
        new((Equalize, 0.2, 8), (Equalize, 0.6, 4)),
        new((Colour, 0.9, 9), (Equalize, 0.6, 6)),
        new((AutoContrast, 0.8, 4), (Solarize, 0.2, 8)),
        new((Brightness, 0.1, 3), (Colour, 0.7, 0)),
        new((Solarize, 0.4, 5), (AutoContrast, 0.9, 3)),
        new((TranslateY, 0.9, 9), (TranslateY, 0.7, 9)),
        new((AutoContrast, 0.9, 2), (Solarize, 0.8, 3)),
        new((Equalize, 0.8, 8), (Invert, 0.1, 3)),
        new((TranslateY, 0.7, 9), (AutoContrast, 0.9, 1)),
    ];

    private static readonly PixelOperation[] Jittered = [Brightness, Contrast, Colour];

    /// <summary>One of the pairs, each operation of it with its probability.</summary>
    /// <param name="drawn">Two.</param>
    internal static void AutoAugment(KeyedDraws draws, Span<DrawnOperation> drawn)
    {
        var pair = Cifar10[draws.Below(Cifar10.Length)];
        drawn[0] = Perhaps(pair.First, ref draws);
        drawn[1] = Perhaps(pair.Second, ref draws);
    }

    /// <summary>Of RandAugment's fourteen operations (Cubuk et al. 2020): all but inverting.</summary>
    /// <param name="drawn">As many as are to be done.</param>
    /// <param name="magnitude">From 0 to 1.</param>
    internal static void RandAugment(KeyedDraws draws, Span<DrawnOperation> drawn, double magnitude)
    {
        foreach (ref var next in drawn)
        {
            var operation = (PixelOperation)draws.Below((int)Invert);
            var negative = draws.Below(2) == 1;
            next = new(operation, PixelOperations.Amount(operation, magnitude, negative));
        }
    }

    /// <summary>Brightness, contrast and saturation in random order.</summary>
    /// <param name="drawn">Three.</param>
    internal static void Jitter(KeyedDraws draws, Span<DrawnOperation> drawn, ColourJitter jitter)
    {
        Span<double> factors =
        [
            Factor(jitter.Brightness, ref draws),
            Factor(jitter.Contrast, ref draws),
            Factor(jitter.Saturation, ref draws),
        ];
        // All six orders: the first of three, and whether the other two change places.
        var (first, back) = (draws.Below(3), draws.Below(2));
        for (var k = 0; k < drawn.Length; k++)
        {
            var next = (first + (back == 1 ? 3 - k : k)) % 3;
            drawn[k] = new(Jittered[next], factors[next]);
        }
    }

    private static double Factor(double strength, ref KeyedDraws draws) =>
        draws.Uniform(Math.Max(1.0 - strength, 0.0), 1.0 + strength);

    // Both numbers are drawn in any case: what the second operation does must not hang on whether the first was done.
    private static DrawnOperation Perhaps(
        (PixelOperation Operation, double Probability, int Level) step,
        ref KeyedDraws draws
    )
    {
        var done = draws.Uniform(0, 1) < step.Probability;
        var negative = draws.Below(2) == 1;
        return done
            ? new(
                step.Operation,
                PixelOperations.Amount(step.Operation, step.Level / LastLevel, negative)
            )
            : default;
    }
}

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

    /// <summary>One of the pairs, each operation of it with its probability.</summary>
    internal static void AutoAugment(Canvas canvas, KeyedDraws draws)
    {
        var pair = Cifar10[draws.Below(Cifar10.Length)];
        Perhaps(canvas, pair.First, ref draws);
        Perhaps(canvas, pair.Second, ref draws);
    }

    /// <summary>So many operations of RandAugment's fourteen (Cubuk et al. 2020), all but inverting.</summary>
    /// <param name="magnitude">From 0 to 1.</param>
    internal static void RandAugment(
        Canvas canvas,
        int operations,
        double magnitude,
        KeyedDraws draws
    )
    {
        for (var i = 0; i < operations; i++)
        {
            var operation = (PixelOperation)draws.Below((int)Invert);
            var negative = draws.Below(2) == 1;
            PixelOperations.Apply(
                canvas,
                operation,
                PixelOperations.Amount(operation, magnitude, negative)
            );
        }
    }

    // Both numbers are drawn in any case: what the second operation does must not hang on whether the first was done.
    private static void Perhaps(
        Canvas canvas,
        (PixelOperation Operation, double Probability, int Level) step,
        ref KeyedDraws draws
    )
    {
        var done = draws.Uniform(0, 1) < step.Probability;
        var negative = draws.Below(2) == 1;
        if (done)
            PixelOperations.Apply(
                canvas,
                step.Operation,
                PixelOperations.Amount(step.Operation, step.Level / LastLevel, negative)
            );
    }
}

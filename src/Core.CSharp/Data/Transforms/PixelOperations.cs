using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Data.Transforms;

/// <summary>The operations on one uint8 image, as Pillow computes them.</summary>
public static class PixelOperations
{
    /// <summary>How much an operation does at a magnitude, in its own unit (method.md 4.3).</summary>
    /// <param name="magnitude">From 0 to 1.</param>
    /// <param name="negative">The other way, where an operation has two; a rotation has not (as published).</param>
    public static double Amount(PixelOperation operation, double magnitude, bool negative)
    {
        var signed = negative ? -magnitude : magnitude;
        return operation switch
        {
            PixelOperation.ShearX or PixelOperation.ShearY => 0.3 * signed,
            PixelOperation.TranslateX or PixelOperation.TranslateY => 150.0 / 331.0 * signed,
            PixelOperation.Rotate => 30.0 * magnitude,
            PixelOperation.Colour
            or PixelOperation.Contrast
            or PixelOperation.Sharpness
            or PixelOperation.Brightness => 1.0 + 0.9 * signed,
            PixelOperation.Posterize => Math.Round(8.0 - 4.0 * magnitude),
            PixelOperation.Solarize => 256.0 * (1.0 - magnitude),
            _ => 0.0,
        };
    }

    /// <summary>One operation on every image.</summary>
    /// <param name="images">uint8, B x C x H x W on the CPU; stays as it is.</param>
    /// <param name="amount">In the operation's unit: <see cref="Amount"/>.</param>
    public static Tensor Apply(Tensor images, PixelOperation operation, double amount) =>
        PixelBatch.Bytes(images, [Same(images, operation, amount)]);

    /// <summary>The same by tensor operations, wherever the images lie.</summary>
    /// <inheritdoc cref="Apply(Tensor, PixelOperation, double)"/>
    public static Tensor ApplyByOperators(Tensor images, PixelOperation operation, double amount) =>
        Same(images, operation, amount).Apply(images);

    internal static void Apply(Canvas canvas, PixelOperation operation, double amount)
    {
        switch (operation)
        {
            case PixelOperation.ShearX:
                Geometry.Shear(canvas, amount);
                break;
            case PixelOperation.ShearY:
                canvas.Transpose();
                Geometry.Shear(canvas, amount);
                canvas.Transpose();
                break;
            case PixelOperation.TranslateX:
                Geometry.Translate(canvas, 0, Geometry.Nearest(amount * canvas.Width));
                break;
            case PixelOperation.TranslateY:
                Geometry.Translate(canvas, Geometry.Nearest(amount * canvas.Height), 0);
                break;
            case PixelOperation.Rotate:
                Geometry.Rotate(canvas, amount);
                break;
            case PixelOperation.Colour:
                Blending.Colour(canvas, (float)amount);
                break;
            case PixelOperation.Sharpness:
                Blending.Sharpness(canvas, (float)amount);
                break;
            case PixelOperation.Contrast:
                ValueTable.Blend(canvas, Blending.MeanGray(canvas), (float)amount);
                break;
            case PixelOperation.Brightness:
                ValueTable.Blend(canvas, 0, (float)amount);
                break;
            case PixelOperation.Posterize:
                ValueTable.Posterize(canvas, (int)amount);
                break;
            case PixelOperation.Solarize:
                ValueTable.Solarize(canvas, amount);
                break;
            case PixelOperation.AutoContrast:
                ValueTable.AutoContrast(canvas);
                break;
            case PixelOperation.Equalize:
                ValueTable.Equalize(canvas);
                break;
            case PixelOperation.Invert:
                ValueTable.Solarize(canvas, 0.0);
                break;
        }
    }

    private static Operations Same(Tensor images, PixelOperation operation, double amount)
    {
        var drawn = new DrawnOperation[images.shape[0]];
        Array.Fill(drawn, new(operation, amount));
        return new Operations(drawn, rounds: 1);
    }
}

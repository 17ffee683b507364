using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Data.Transforms.OnDevice;

/// <summary>Operations that go from another version of the image towards it, or beyond, as <see cref="Blending"/> does it.</summary>
/// <remarks>The factors are one for each image, float32 B x 1 x 1 x 1.</remarks>
internal static class Blends
{
    internal static Tensor Colour(Tensor images, Tensor factors) =>
        images.shape[1] == 1 ? images : Between(Gray(images), images, factors);

    internal static Tensor Sharpness(Tensor images, Tensor factors) =>
        Between(Smooth(images), images, factors);

    internal static Tensor Brightness(Tensor images, Tensor factors) =>
        Between(images.zeros_like(), images, factors);

    internal static Tensor Contrast(Tensor images, Tensor factors)
    {
        var area = images.shape[2] * images.shape[3];
        var sum = Gray(images).sum([2, 3], keepdim: true, type: ScalarType.Int64);
        // To the nearest whole number, halves up.
        return Between((sum * 2L + area).floor_divide(2 * area), images, factors);
    }

    private static Tensor Between(Tensor from, Tensor images, Tensor factors)
    {
        using var scope = NewDisposeScope();
        var v = from.to(ScalarType.Float32);
        return (v + factors * (images.to(ScalarType.Float32) - v))
            .clamp(0, 255)
            .to(ScalarType.Byte)
            .MoveToOuterDisposeScope();
    }

    /// <summary>int32, B x 1 x H x W.</summary>
    private static Tensor Gray(Tensor images)
    {
        using var scope = NewDisposeScope();
        var wide = images.to(ScalarType.Int32);
        var gray =
            images.shape[1] == 1
                ? wide
                : (
                    Plane(0) * (long)Blending.Red
                    + Plane(1) * (long)Blending.Green
                    + Plane(2) * (long)Blending.Blue
                    + 0x8000L
                ).floor_divide(0x10000);
        return gray.MoveToOuterDisposeScope();

        Tensor Plane(long channel) => wide.narrow(1, channel, 1);
    }

    private static Tensor Smooth(Tensor images)
    {
        var (height, width) = (images.shape[2] - 2, images.shape[3] - 2);
        if (height < 1 || width < 1)
            return images;
        using var scope = NewDisposeScope();
        var wide = images.to(ScalarType.Int32);
        var sum = Window(1, 1) * 4L + 6L;
        for (var down = 0; down < 3; down++)
        for (var right = 0; right < 3; right++)
            sum.add_(Window(down, right));
        var smooth = images.clone();
        smooth.narrow(2, 1, height).narrow(3, 1, width).copy_(sum.floor_divide(13));
        return smooth.MoveToOuterDisposeScope();

        Tensor Window(long down, long right) =>
            wide.narrow(2, down, height).narrow(3, right, width);
    }
}

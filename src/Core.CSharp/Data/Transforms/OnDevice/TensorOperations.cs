using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Data.Transforms.OnDevice;

/// <summary>The operations of <see cref="PixelOperations"/> by tensor operations, on images that all chose the same one.</summary>
internal static class TensorOperations
{
    /// <param name="images">uint8, B x C x H x W.</param>
    /// <param name="amounts">Of each image.</param>
    internal static Tensor Of(Tensor images, PixelOperation operation, double[] amounts)
    {
        var (height, width) = ((int)images.shape[2], (int)images.shape[3]);
        return operation switch
        {
            PixelOperation.ShearX => Movement.Sheared(images, amounts),
            PixelOperation.ShearY => Movement
                .Sheared(images.transpose(2, 3), amounts)
                .transpose(2, 3),
            PixelOperation.TranslateX => Moved(amount =>
                PixelMap.Shift(0, Geometry.Nearest(amount * width))
            ),
            PixelOperation.TranslateY => Moved(amount =>
                PixelMap.Shift(Geometry.Nearest(amount * height), 0)
            ),
            PixelOperation.Rotate => Moved(amount => PixelMap.Rotation(height, width, amount)),
            PixelOperation.Colour => Blends.Colour(images, Each(amount => (float)amount)),
            PixelOperation.Sharpness => Blends.Sharpness(images, Each(amount => (float)amount)),
            PixelOperation.Contrast => Blends.Contrast(images, Each(amount => (float)amount)),
            PixelOperation.Brightness => Blends.Brightness(images, Each(amount => (float)amount)),
            PixelOperation.Posterize => images.bitwise_and(
                Each(amount => (float)ValueTable.Mask((int)amount)).to(ScalarType.Byte)
            ),
            // A whole number is below a threshold where it is below the next whole one.
            PixelOperation.Solarize => images.where(
                images.lt(Each(amount => (float)Math.Ceiling(amount))),
                images.bitwise_not()
            ),
            PixelOperation.AutoContrast => Spreads.AutoContrast(images),
            PixelOperation.Equalize => Spreads.Equalize(images),
            PixelOperation.Invert => images.bitwise_not(),
            _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "unknown"),
        };

        Tensor Moved(Converter<double, PixelMap> map) =>
            Movement.Of(images, Array.ConvertAll(amounts, map), Geometry.Fill);

        Tensor Each(Converter<double, float> number) =>
            tensor(Array.ConvertAll(amounts, number), device: images.device).view(-1, 1, 1, 1);
    }
}

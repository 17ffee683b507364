using LongTail.Core.Settings;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace LongTail.Core.Data;

/// <summary>
/// Makes the model's input from uint8 images, whole batches at once. What is random is drawn on the CPU, so
/// that a seed means the same images on every device.
/// </summary>
public static class Batches
{
    /// <summary>Random crop and flip as the settings say, then <see cref="Evaluation"/>'s resize and normalise.</summary>
    /// <param name="images">uint8, B x C x H x W.</param>
    /// <param name="seed">Of the run.</param>
    /// <param name="step">Of the run, over all epochs: a step's choices depend on nothing else.</param>
    /// <returns>float32, B x 3 x Side x Side, on the images' device.</returns>
    public static Tensor Train(Tensor images, InputSettings input, long seed, long step)
    {
        using var scope = NewDisposeScope();
        return Evaluation(Augment(images, input, seed, step), input).MoveToOuterDisposeScope();
    }

    /// <summary>To [0, 1], normalised, and resized bilinearly (half-pixel centres, no antialias; method.md 4.3).</summary>
    /// <param name="images">uint8, B x C x H x W; one channel becomes three.</param>
    /// <returns>float32, B x 3 x Side x Side, on the images' device.</returns>
    public static Tensor Evaluation(Tensor images, InputSettings input)
    {
        using var scope = NewDisposeScope();
        // Normalising is linear, as resizing is, so it may come first, where there are fewer pixels. Three means
        // against one channel broadcast a gray image to three.
        var mean = Channels(input.Mean, images.device);
        var deviation = Channels(input.Deviation, images.device);
        var values = (images.to(ScalarType.Float32) / 255.0 - mean) / deviation;
        long[] size = [input.Side, input.Side];
        return F.interpolate(values, size, mode: InterpolationMode.Bilinear, align_corners: false)
            .MoveToOuterDisposeScope();
    }

    // Crop of the padded image and flip are one gather with a row and a column index for every pixel.
    private static Tensor Augment(Tensor images, InputSettings input, long seed, long step)
    {
        var (batch, channels) = (images.shape[0], images.shape[1]);
        var (height, width, padding) = (images.shape[2], images.shape[3], input.CropPadding);
        using var generator = Randomness.Stream(seed, Purpose.Augmentation, step);
        // Both are always drawn: flips stay the same when cropping is switched off, and the other way round.
        long[] one = [batch, 1, 1];
        var down = randint(2 * padding + 1, one, ScalarType.Int64, generator: generator);
        var right = randint(2 * padding + 1, one, ScalarType.Int64, generator: generator);
        var flips = randint(2, one, ScalarType.Int64, generator: generator);
        if (padding == 0 && !input.Flip)
            return images;

        var rows = down + arange(height).view(1, height, 1);
        var columns = arange(width).view(1, 1, width);
        if (input.Flip)
            columns = columns + flips * (columns * -2 + (width - 1));
        var pixels = (rows * (width + 2 * padding) + right + columns)
            .view(batch, 1, height * width)
            .expand(batch, channels, height * width)
            .to(images.device);
        long[] around = [padding, padding, padding, padding];
        return F.pad(images, around)
            .view(batch, channels, -1)
            .gather(2, pixels)
            .view(batch, channels, height, width);
    }

    private static Tensor Channels(Rgb values, Device device) =>
        tensor(new[] { (float)values.Red, (float)values.Green, (float)values.Blue }, device: device)
            .view(1, 3, 1, 1);
}

using LongTail.Core.Data.Transforms;
using LongTail.Core.Settings;
using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Data;

/// <summary>
/// Makes the model's input from uint8 images, whole batches at once. What is random is drawn on the CPU, so
/// that a seed means the same images on every device and with any number of threads.
/// </summary>
public static class Batches
{
    /// <summary>As the settings say of images to learn from.</summary>
    /// <param name="images">uint8, B x C x H x W; one channel becomes three.</param>
    /// <param name="seed">Of the run.</param>
    /// <param name="step">Of the run, over all epochs: a step's choices depend on nothing else.</param>
    /// <param name="device">Of the model; null is the images' own.</param>
    /// <returns>float32, B x 3 x Side x Side, on the model's device.</returns>
    public static Tensor Train(
        Tensor images,
        InputSettings input,
        long seed,
        long step,
        Device? device = null
    ) =>
        Made(
            images,
            input,
            input.Train,
            new BatchKey(seed, step, images.shape[0]),
            device,
            LieOnGpu(images)
        );

    /// <summary>As the settings say of images to judge by.</summary>
    /// <inheritdoc cref="Train"/>
    public static Tensor Evaluation(Tensor images, InputSettings input, Device? device = null) =>
        Made(images, input, input.Test, null, device, LieOnGpu(images));

    /// <summary>As <see cref="Train"/>, in the way of a GPU whatever device the images lie on.</summary>
    /// <inheritdoc cref="Train"/>
    public static Tensor TrainByOperators(
        Tensor images,
        InputSettings input,
        long seed,
        long step
    ) =>
        Made(
            images,
            input,
            input.Train,
            new BatchKey(seed, step, images.shape[0]),
            images.device,
            byOperators: true
        );

    private static bool LieOnGpu(Tensor images) => images.device.type != DeviceType.CPU;

    private static Tensor Made(
        Tensor images,
        InputSettings input,
        IReadOnlyList<TransformSettings> transforms,
        BatchKey? batch,
        Device? device,
        bool byOperators
    )
    {
        using var scope = NewDisposeScope();
        var pipeline = new Pipeline(transforms, (int)images.shape[2], (int)images.shape[3], batch);
        device ??= images.device;
        if (!byOperators && device.type == DeviceType.CPU)
            return new ModelInput(pipeline, input)
                .Of(images, pipeline.Passes)
                .MoveToOuterDisposeScope();

        // Bytes are transformed where they lie. They are few: what is large, the model's input, is made where it is needed.
        var bytes = byOperators
            ? pipeline.Passes.Aggregate(images, (done, pass) => pass.Apply(done))
            : PixelBatch.Bytes(images, pipeline.Passes, pipeline.Height, pipeline.Width);
        return ModelInput
            .ByOperators(
                bytes.to(device, non_blocking: true),
                input,
                pipeline.FinalHeight,
                pipeline.FinalWidth
            )
            .MoveToOuterDisposeScope();
    }
}

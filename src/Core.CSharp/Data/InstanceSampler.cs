using static TorchSharp.torch;

namespace LongTail.Core.Data;

/// <summary>Every image once, in random order.</summary>
public sealed class InstanceSampler(long images) : Sampler(images)
{
    private protected override Tensor Draw(Generator generator, double done) =>
        randperm(Length, ScalarType.Int64, generator: generator);
}

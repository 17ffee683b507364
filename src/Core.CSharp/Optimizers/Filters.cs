using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>
/// The filters that trained values are grouped by: rows of a matrix or slices of a convolution along its first dimension, and
/// all of a vector or a single number. A tensor of three dimensions is a list of lists of tokens (prompts (Depth, P, Width),
/// position embeddings), and a token is a filter: along the first dimension alone all prompts of a layer would be one.
/// </summary>
internal sealed class Filters(FlatParameters parameters) : IDisposable
{
    private readonly Segments segments = new(
        [.. parameters.Names.SelectMany(name => Sizes(parameters[name].shape))],
        parameters.Values.device
    );

    /// <summary>(Count): the norm of each value's filter. Summed in float64: the order of the sum, free on a GPU, does not show.</summary>
    internal Tensor Norms(Tensor values) =>
        segments.Spread(segments.Sum(values.@double().pow(2)).sqrt()).to(parameters.StateType);

    public void Dispose() => segments.Dispose();

    private static IEnumerable<long> Sizes(long[] shape)
    {
        var count = shape.Length switch
        {
            <= 1 => 1,
            3 => shape[0] * shape[1],
            _ => shape[0],
        };
        return Enumerable.Repeat(shape.Aggregate(1L, (n, size) => n * size) / count, (int)count);
    }
}

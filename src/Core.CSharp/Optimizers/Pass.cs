using static TorchSharp.torch;

namespace LongTail.Core.Optimizers;

/// <summary>The Index-th of so many nearly equal parts of a step's batch, in its order; a part may be empty.</summary>
public readonly record struct Share(int Index, int Of)
{
    public static Share Whole => new(0, 1);

    /// <summary>Where the share begins in a batch of so many images, and how many it has.</summary>
    public (long Start, long Length) In(long images)
    {
        var start = images * Index / Of;
        return (start, images * (Index + 1) / Of - start);
    }
}

/// <summary>
/// Makes the gradient of one forward: adds into <see cref="FlatParameters.Gradients"/>, once or more often, what it wants
/// of the terms' graph.
/// </summary>
/// <param name="terms">(n): what each image adds to the step's loss, with its graph.</param>
/// <param name="targets">(n), int64: the images' classes.</param>
public delegate void Backward(Tensor terms, Tensor targets);

/// <summary>
/// Forward at the parameters' present values over a share of the step's batch, in one or more micro-batches, each handed to
/// <paramref name="backward"/>. Terms are divided by what normalises the whole batch: the shares' losses add up to its loss.
/// </summary>
/// <returns>The detached loss of the share, a scalar; zero of an empty one.</returns>
public delegate Tensor Pass(Share share, Backward backward);

public static class Passes
{
    /// <summary>Adds the loss's gradient.</summary>
    public static readonly Backward Plain = (terms, _) => terms.sum().backward();

    /// <summary>Forward and backward of the whole batch: adds the loss's gradient, returns the detached loss.</summary>
    public static Tensor Run(this Pass pass) => pass(Share.Whole, Plain);

    /// <summary>Of a share: adds its gradient times the factor, returns its detached loss without the factor.</summary>
    public static Tensor Run(this Pass pass, Share share, double factor = 1) =>
        pass(share, (terms, _) => (terms.sum() * factor).backward());
}

using LongTail.Core.Settings;
using static TorchSharp.torch;

namespace LongTail.Core.Models;

/// <summary>Which features a training pass keeps (Srivastava et al. 2014).</summary>
public static class Dropout
{
    /// <summary>
    /// Factors of a step's features, keyed by seed, step and the number of the call, since SAM goes through the model
    /// twice: 0 with the rate's probability, else 1 / (1 - rate), so that a feature's mean stays.
    /// </summary>
    /// <returns>null where the epoch drops nothing.</returns>
    public static Func<long[], Tensor>? Drawn(
        DropoutSettings? settings,
        int epoch,
        long seed,
        long step,
        Device device
    )
    {
        if (settings is null || (settings.EpochZeroOnly && epoch > 0))
            return null;
        var keep = 1 - Guard.BelowOne(settings.Rate);
        var call = 0;
        return shape =>
        {
            using var generator = Randomness.Stream(seed, Purpose.Dropout, step, call++);
            return empty(shape, ScalarType.Float32)
                .uniform_(0, 1, generator)
                .to(device)
                .lt(keep)
                .to(ScalarType.Float32)
                .div(keep);
        };
    }
}

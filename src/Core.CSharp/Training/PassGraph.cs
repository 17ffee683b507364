using LongTail.Core.Optimizers;
using static TorchSharp.torch;

namespace LongTail.Core.Training;

/// <summary>
/// A run's passes over whole batches of one size, recorded once and replayed. What a pass reads of its step is copied into
/// tensors that stay; values and gradients stay anyhow (<see cref="FlatParameters"/>). Other passes are done as they come.
/// </summary>
/// <param name="images">Of the batches; smaller ones are not recorded.</param>
public sealed class PassGraph(long images, Recorder record) : IDisposable
{
    // Libraries set up at their first calls what a recording cannot hold.
    private const int WarmUps = 3;

    private int done;
    private Recorded? recorded;

    /// <summary>The step's pass. On a GPU its first ones are as slow as without.</summary>
    public Pass Over(StepPass step) =>
        (share, backward) =>
            step.Images == images && share == Share.Whole && backward == Passes.Plain
                ? Whole(step)
                : step.Run(share, backward);

    public void Dispose()
    {
        recorded?.Dispose();
        recorded = null;
        done = 0;
    }

    private Tensor Whole(StepPass step)
    {
        // With the epoch class weights appear, or dropout ends.
        if (recorded is { } other && !other.Pass.IsLike(step))
            Dispose();
        if (recorded is { } same)
            return same.Replay(step);
        var loss = step.Run(Share.Whole, Passes.Plain);
        if (++done == WarmUps)
            recorded = new Recorded(step.Copy(), record);
        return loss;
    }

    private sealed class Recorded : IDisposable
    {
        private readonly Tensor loss;
        private readonly Recording work;

        internal Recorded(StepPass pass, Recorder record)
        {
            Pass = pass;
            loss = pass.NoLoss().DetachFromDisposeScope();
            work = record(Compute);
        }

        internal StepPass Pass { get; }

        internal Tensor Replay(StepPass step)
        {
            Pass.Take(step);
            work.Replay();
            return loss.clone();
        }

        public void Dispose()
        {
            work.Dispose();
            loss.Dispose();
            Pass.Dispose();
        }

        private void Compute()
        {
            using var scope = NewDisposeScope();
            loss.copy_(Pass.Compute(Share.Whole, Passes.Plain));
        }
    }
}

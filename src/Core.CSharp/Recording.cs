namespace LongTail.Core;

/// <summary>Takes down what work gives a device, without doing it. The tensors of the work must outlive it.</summary>
public delegate Recording Recorder(Action work);

/// <summary>Work that can be done as often as asked.</summary>
public sealed class Recording(Action replay, Action forget) : IDisposable
{
    public void Replay() => replay();

    public void Dispose() => forget();
}

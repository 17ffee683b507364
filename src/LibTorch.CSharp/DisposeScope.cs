namespace TorchSharp;

/// <summary>
/// Owns every tensor made on its thread while it is the innermost scope, and disposes them with itself.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    [ThreadStatic]
    private static DisposeScope? current;

    private readonly DisposeScope? outer = current;
    private readonly HashSet<torch.Tensor> owned = [];

    internal DisposeScope() => current = this;

    internal static DisposeScope? Current => current;

    internal DisposeScope? Outer => outer;

    public int DisposablesCount => owned.Count;

    internal void Add(torch.Tensor tensor) => owned.Add(tensor);

    internal void Remove(torch.Tensor tensor) => owned.Remove(tensor);

    public void Dispose()
    {
        current = outer;
        foreach (var tensor in owned)
            tensor.Free();
        owned.Clear();
    }
}

public static partial class torch
{
    public static DisposeScope NewDisposeScope() => new();
}

namespace TorchSharp.Utils;

/// <summary>Reads the numbers of a contiguous CPU tensor, in row order.</summary>
public sealed unsafe class TensorAccessor<T>
    where T : unmanaged
{
    private readonly torch.Tensor tensor;

    internal TensorAccessor(torch.Tensor contiguous) => tensor = contiguous;

    public long Count => tensor.numel();

    public T this[long index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            var value = ((T*)tensor.Address)[index];
            GC.KeepAlive(tensor);
            return value;
        }
    }

    public T[] ToArray()
    {
        var array = new T[Count];
        CopyTo(array);
        return array;
    }

    public void CopyTo(Span<T> target)
    {
        new ReadOnlySpan<T>(tensor.Address, checked((int)Count)).CopyTo(target);
        GC.KeepAlive(tensor);
    }
}

using System.Runtime.InteropServices;
using TorchSharp.Calls;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor empty(
        long[] size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) =>
        Aten
            .empty.Call(size, dtype, Argument.None, device, Argument.None, Argument.None)
            .requires_grad_(requires_grad);

    public static Tensor zeros(
        long[] size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => Aten.zeros.Call(size, dtype, Argument.None, device).requires_grad_(requires_grad);

    public static Tensor zeros(
        long size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => zeros([size], dtype, device, requires_grad);

    public static Tensor zeros(
        long rows,
        long columns,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => zeros([rows, columns], dtype, device, requires_grad);

    public static Tensor ones(
        long[] size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => Aten.ones.Call(size, dtype, Argument.None, device).requires_grad_(requires_grad);

    public static Tensor ones(
        long size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => ones([size], dtype, device, requires_grad);

    public static Tensor full(
        long[] size,
        Scalar value,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => Aten.full.Call(size, value, dtype, Argument.None, device).requires_grad_(requires_grad);

    public static Tensor arange(
        Scalar start,
        Scalar stop,
        Scalar step,
        ScalarType? dtype = null,
        Device? device = null
    ) => Aten.arange.Call(start, stop, step, dtype, Argument.None, device);

    public static Tensor arange(
        Scalar start,
        Scalar stop,
        ScalarType? dtype = null,
        Device? device = null
    ) => arange(start, stop, 1, dtype, device);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null) =>
        arange(0, stop, 1, dtype, device);

    public static Tensor randn(
        long[] size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null
    ) =>
        Aten
            .randn.Call(size, generator, dtype, Argument.None, device)
            .requires_grad_(requires_grad);

    public static Tensor randint(
        long low,
        long high,
        long[] size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null
    ) =>
        Aten.randint.Call(
            low,
            high,
            size,
            generator,
            dtype ?? ScalarType.Int64,
            Argument.None,
            device
        );

    public static Tensor randint(
        long high,
        long[] size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null
    ) => randint(0, high, size, dtype, device, requires_grad, generator);

    public static Tensor randperm(
        long n,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null
    ) => Aten.randperm.Call(n, generator, dtype ?? ScalarType.Int64, Argument.None, device);

    public static Tensor cat(Tensor[] tensors, long dim = 0) => Aten.cat.Call(tensors, dim);

    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => cat(tensors.ToArray(), dim);

    public static Tensor where(Tensor condition, Tensor x, Tensor y) =>
        Aten.where.Call(condition, x, y);

    public static Tensor matmul(Tensor input, Tensor target) => input.matmul(target);

    public static Tensor tensor(
        double scalar,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => From([scalar], [], dtype, device, requires_grad);

    public static Tensor tensor(float scalar, Device? device = null, bool requires_grad = false) =>
        From([scalar], [], null, device, requires_grad);

    public static Tensor tensor(
        long scalar,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => From([scalar], [], dtype, device, requires_grad);

    public static Tensor tensor(
        float[] rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => From(rawArray, [rawArray.Length], dtype, device, requires_grad);

    public static Tensor tensor(
        float[] rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => From(rawArray, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(
        double[] rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => From(rawArray, [rawArray.Length], dtype, device, requires_grad);

    public static Tensor tensor(
        double[] rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => From(rawArray, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(
        long[] dataArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => From(dataArray, [dataArray.Length], dtype, device, requires_grad);

    public static Tensor tensor(
        long[] dataArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => From(dataArray, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(
        int[] rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => From(rawArray, [rawArray.Length], dtype, device, requires_grad);

    public static Tensor tensor(
        byte[] dataArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => From(dataArray, [dataArray.Length], dtype, device, requires_grad);

    public static Tensor tensor(
        byte[] dataArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => From(dataArray, dimensions, dtype, device, requires_grad);

    public static Tensor tensor(
        bool[] dataArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => From(dataArray, [dataArray.Length], dtype, device, requires_grad);

    private static Tensor From<T>(
        T[] numbers,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype,
        Device? device,
        bool requires_grad
    )
        where T : unmanaged
    {
        var sizes = dimensions.ToArray();
        if (sizes.Aggregate(1L, (product, size) => product * size) != numbers.Length)
            throw new ArgumentException(
                $"{numbers.Length} numbers do not fill ({string.Join(", ", sizes)})"
            );
        var host = empty(sizes, ScalarTypes.Of<T>(), CPU);
        MemoryMarshal.AsBytes(numbers.AsSpan()).CopyTo(host.bytes);
        // CUDA takes what lies in ordinary memory before it returns: the work under way need not be waited for.
        var placed = host.to(dtype ?? host.dtype, device ?? CPU, non_blocking: true);
        host.Dispose();
        return placed.requires_grad_(requires_grad);
    }
}

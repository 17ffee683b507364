using TorchSharp.Calls;

namespace TorchSharp;

public static partial class torch
{
    public sealed partial class Tensor
    {
        public ScalarType dtype => (ScalarType)Door.longtail_dtype(Handle);

        public Device device => Device.Unpack(Door.longtail_device(Handle));

        public bool is_cuda => device.type == DeviceType.CUDA;

        /// <summary>The numbers of a CPU tensor, in row order; a view is first laid out.</summary>
        /// <exception cref="InvalidOperationException">T is not the tensor's type, or the tensor is not on the CPU.</exception>
        public Utils.TensorAccessor<T> data<T>()
            where T : unmanaged
        {
            if (is_cuda)
                throw new InvalidOperationException(
                    $"data<{typeof(T).Name}> reads CPU tensors; call cpu() first"
                );
            if (ScalarTypes.Of<T>() != dtype)
                throw new InvalidOperationException(
                    $"data<{typeof(T).Name}> of a tensor of {dtype}"
                );
            return new Utils.TensorAccessor<T>(is_contiguous() ? this : contiguous());
        }

        /// <summary>The raw bytes of a contiguous CPU tensor; valid while the tensor lives.</summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                if (is_cuda || !is_contiguous())
                    throw new InvalidOperationException(
                        "bytes are those of a contiguous CPU tensor"
                    );
                return new Span<byte>(
                    Door.longtail_data(Handle),
                    checked((int)(numel() * ScalarTypes.Size(dtype)))
                );
            }
        }

        /// <summary>Address of the first number; on the tensor's own device.</summary>
        internal unsafe void* Address => Door.longtail_data(Handle);

        /// <summary>The one number of a tensor of any device.</summary>
        public T item<T>()
            where T : unmanaged
        {
            if (numel() != 1)
                throw new InvalidOperationException($"item of a tensor of {numel()} numbers");
            using var own = cpu();
            return own.data<T>()[0];
        }

        public double ToDouble() => Convert.ToDouble(ReadScalar());

        public long ToInt64() => Convert.ToInt64(ReadScalar());

        private object ReadScalar() =>
            dtype switch
            {
                ScalarType.Float32 => item<float>(),
                ScalarType.Float64 => item<double>(),
                ScalarType.Int64 => item<long>(),
                ScalarType.Int32 => item<int>(),
                ScalarType.Byte => item<byte>(),
                ScalarType.Bool => item<bool>(),
                var other => throw new InvalidOperationException($"a number of {other}"),
            };

        public Tensor clone() => Aten.clone.Call(this);

        public Tensor contiguous() => Aten.contiguous.Call(this);

        public Tensor detach() => Aten.detach.Call(this);

        public Tensor copy_(Tensor source, bool nonBlocking = false) =>
            Aten.copy_.CallInPlace(this, source, nonBlocking);

        public Tensor zero_() => Aten.zero_.CallInPlace(this);

        public Tensor normal_(double mean = 0, double std = 1, Generator? generator = null) =>
            Aten.normal_.CallInPlace(this, mean, std, generator);

        public Tensor multinomial(
            long num_samples,
            bool replacement = false,
            Generator? generator = null
        ) => Aten.multinomial.Call(this, num_samples, replacement, generator);

        public Tensor uniform_(double from, double to, Generator? generator = null) =>
            Aten.uniform_.CallInPlace(this, from, to, generator);

        public Tensor to(
            ScalarType type,
            Device device,
            bool copy = false,
            bool disposeAfter = false,
            bool non_blocking = false
        ) => Convert_(type, device, copy, disposeAfter, non_blocking);

        public Tensor to(
            ScalarType type,
            bool copy = false,
            bool disposeAfter = false,
            bool non_blocking = false
        ) => Convert_(type, null, copy, disposeAfter, non_blocking);

        public Tensor to(
            Device device,
            bool copy = false,
            bool disposeAfter = false,
            bool non_blocking = false
        ) => Convert_(null, device, copy, disposeAfter, non_blocking);

        public Tensor to_type(
            ScalarType type,
            bool copy = false,
            bool disposeAfter = false,
            bool non_blocking = false
        ) => Convert_(type, null, copy, disposeAfter, non_blocking);

        public Tensor cpu() => Convert_(null, CPU, false, false, false);

        public Tensor @float() => to_type(ScalarType.Float32);

        public Tensor @double() => to_type(ScalarType.Float64);

        public Tensor @long() => to_type(ScalarType.Int64);

        private Tensor Convert_(
            ScalarType? type,
            Device? device,
            bool copy,
            bool disposeAfter,
            bool non_blocking
        )
        {
            var converted = Aten.to.Call(
                this,
                type,
                Argument.None,
                device,
                Argument.None,
                non_blocking,
                copy
            );
            if (disposeAfter)
                Dispose();
            return converted;
        }
    }

    /// <summary>Which .NET type holds a number of which libtorch type, and in how many bytes.</summary>
    internal static class ScalarTypes
    {
        internal static ScalarType Of<T>()
            where T : unmanaged =>
            default(T) switch
            {
                float => ScalarType.Float32,
                double => ScalarType.Float64,
                long => ScalarType.Int64,
                int => ScalarType.Int32,
                short => ScalarType.Int16,
                sbyte => ScalarType.Int8,
                byte => ScalarType.Byte,
                bool => ScalarType.Bool,
                Half => ScalarType.Float16,
                _ => throw new NotSupportedException($"no tensor holds {typeof(T).Name}"),
            };

        internal static int Size(ScalarType type) =>
            type switch
            {
                ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool => 1,
                ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
                ScalarType.Int32 or ScalarType.Float32 => 4,
                ScalarType.Int64 or ScalarType.Float64 => 8,
                _ => throw new NotSupportedException($"size of {type}"),
            };
    }
}

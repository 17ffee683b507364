using TorchSharp.Calls;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// A libtorch tensor. It lives until it is disposed, by hand or by the <see cref="DisposeScope"/> it was made in.
    /// </summary>
    public sealed partial class Tensor : IDisposable
    {
        private static long alive;
        private nint handle;
        private DisposeScope? scope;

        /// <summary>Takes over one reference to a native tensor.</summary>
        internal Tensor(nint handle)
        {
            this.handle = handle;
            Interlocked.Increment(ref alive);
            scope = DisposeScope.Current;
            scope?.Add(this);
        }

        /// <summary>Tensors that are not disposed, over all threads.</summary>
        public static long TotalCount => Interlocked.Read(ref alive);

        /// <exception cref="ObjectDisposedException">The tensor was disposed.</exception>
        public nint Handle =>
            handle != 0 ? handle : throw new ObjectDisposedException(nameof(Tensor));

        public bool IsInvalid => handle == 0;

        public void Dispose()
        {
            scope?.Remove(this);
            Free();
        }

        ~Tensor() => Free();

        /// <summary>Gives the native reference back; the scope is told by the caller.</summary>
        internal void Free()
        {
            var held = Interlocked.Exchange(ref handle, 0);
            if (held == 0)
                return;
            Door.longtail_release(held);
            Interlocked.Decrement(ref alive);
            scope = null;
            GC.SuppressFinalize(this);
        }

        /// <summary>Hands the tensor to the scope around its own.</summary>
        public Tensor MoveToOuterDisposeScope() => MoveTo(scope?.Outer);

        /// <summary>Leaves the tensor to whoever holds it.</summary>
        public Tensor DetachFromDisposeScope() => MoveTo(null);

        private Tensor MoveTo(DisposeScope? other)
        {
            scope?.Remove(this);
            scope = other;
            scope?.Add(this);
            return this;
        }

        /// <summary>Type and sizes, as "Float32 (2, 3)".</summary>
        internal string Summary =>
            handle == 0 ? "disposed" : $"{dtype} ({string.Join(", ", shape)})";

        public override string ToString() => numel() == 1 ? $"{ReadScalar()}" : Summary;
    }
}

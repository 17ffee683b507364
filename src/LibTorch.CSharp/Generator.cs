using TorchSharp.Calls;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A source of random numbers of its own, apart from libtorch's global one.</summary>
    public sealed class Generator : IDisposable
    {
        internal nint Handle { get; private set; }

        public Generator(ulong seed = 0, Device? device = null)
        {
            this.device = device ?? CPU;
            Handle = Door.longtail_generator(this.device.Packed, seed);
            if (Handle == 0)
                throw new TorchException($"generator on {this.device}: {Door.Error}");
        }

        public Device device { get; }

        public void Dispose()
        {
            Free();
            GC.SuppressFinalize(this);
        }

        ~Generator() => Free();

        private void Free()
        {
            if (Handle != 0)
                Door.longtail_free_generator(Handle);
            Handle = 0;
        }
    }

    /// <summary>Seeds libtorch's global generators.</summary>
    public static void manual_seed(long seed) => Door.longtail_manual_seed((ulong)seed);
}

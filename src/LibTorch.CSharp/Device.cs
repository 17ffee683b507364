using TorchSharp.Calls;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Where a tensor lives: "cpu", "cuda" or "cuda:N".</summary>
    public sealed class Device : IEquatable<Device>
    {
        internal Device(DeviceType type, int index = -1) => (this.type, this.index) = (type, index);

        public DeviceType type { get; }

        public int index { get; }

        internal long Packed => ((long)type << 32) | (uint)index;

        internal static Device Unpack(long packed) => new((DeviceType)(packed >> 32), (int)packed);

        public bool Equals(Device? other) => other is not null && Packed == other.Packed;

        public override bool Equals(object? obj) => Equals(obj as Device);

        public override int GetHashCode() => Packed.GetHashCode();

        public override string ToString() =>
            type.ToString().ToLowerInvariant()
            + (index >= 0 && type != DeviceType.CPU ? $":{index}" : "");
    }

    public static readonly Device CPU = new(DeviceType.CPU);

    /// <exception cref="ArgumentException">The description is neither "cpu", "cuda" nor "cuda:N".</exception>
    public static Device device(string description)
    {
        var parts = description.Split(':');
        var index = -1;
        var known =
            parts is ["cpu"] or ["cuda"]
            || (parts is ["cuda", var n] && int.TryParse(n, out index) && index >= 0);
        if (!known)
            throw new ArgumentException($"'{description}' is no device: give cpu, cuda or cuda:N");
        return new(parts[0] == "cpu" ? DeviceType.CPU : DeviceType.CUDA, index);
    }

    public static class cuda
    {
        public static int device_count() => (int)Door.longtail_cuda_devices();
    }
}

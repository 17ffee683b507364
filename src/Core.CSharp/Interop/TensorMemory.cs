using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace LongTail.Core.Interop;

/// <summary>Where a tensor's numbers lie. Its own spans end at two GB.</summary>
internal static partial class TensorMemory
{
    /// <summary>The address of the first number of a contiguous tensor on the CPU; 0 of no tensor.</summary>
    internal static nint Start(this Tensor? tensor) =>
        tensor is null ? 0 : THSTensor_data(tensor.Handle);

    [LibraryImport("LibTorchSharp")]
    private static partial nint THSTensor_data(nint tensor);
}

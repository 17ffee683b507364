using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>What libtorch refused: the operator, its arguments' types and shapes, and libtorch's own words.</summary>
public sealed class TorchException(string message) : ExternalException(message);

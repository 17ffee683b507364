using System.Runtime.InteropServices;

namespace LongTail.Core.Interop;

/// <summary>Mirrors Sizes in native/level.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Sizes
{
    internal long Tokens;
    internal long Prompts;
    internal long Width;
    internal long Heads;
    internal long Hidden;
    internal long TokensRead;
    internal long PromptsRead;
    internal double Epsilon;
    internal long Activation;

    internal readonly long Read => TokensRead + PromptsRead;
}

/// <summary>Mirrors Linear in native/level.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LinearWeights
{
    internal nint Forward;
    internal nint Backward;
    internal nint Bias;
}

/// <summary>Mirrors Weights in native/level.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BlockWeights
{
    internal nint Norm1Weight;
    internal nint Norm1Bias;
    internal nint Norm2Weight;
    internal nint Norm2Bias;
    internal LinearWeights Qkv;
    internal LinearWeights Proj;
    internal LinearWeights Fc1;
    internal LinearWeights Fc2;
}

/// <summary>Mirrors Kept in native/level.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Kept
{
    internal nint Qkv;
    internal nint Mixed;
    internal nint Slopes;
    internal nint Denominators;
}

/// <summary>Mirrors Level in native/level.h, which says what each function does.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Kernels
{
    internal delegate* unmanaged<long, long, long> Packed;
    internal delegate* unmanaged<nint, long, long, byte, nint, void> Pack;
    internal delegate* unmanaged<Sizes*, long, long> Space;
    internal delegate* unmanaged<Sizes*, BlockWeights*, nint, nint, nint, void> PromptsForward;
    internal delegate* unmanaged<
        Sizes*,
        BlockWeights*,
        nint,
        nint,
        nint,
        nint,
        nint,
        void> PromptsBackward;
    internal delegate* unmanaged<
        Sizes*,
        BlockWeights*,
        long,
        nint,
        nint,
        nint,
        nint,
        Kept*,
        nint,
        void> Forward;
    internal delegate* unmanaged<
        Sizes*,
        BlockWeights*,
        long,
        nint,
        nint,
        Kept*,
        nint,
        nint,
        nint,
        nint,
        nint,
        void> Backward;
    internal delegate* unmanaged<long, long, nint, nint, void> AddUp;
}

/// <summary>Mirrors Levels in native/level.h: what one of the processor's levels computes with.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KernelLevel
{
    internal Kernels Floats;
    internal Kernels Doubles;
    internal Kernels Briefs;

    private static readonly Lazy<nint[]> Found = new(Find);

    /// <summary>How many levels of the processor's instructions there are to choose from; none where the kernels are not built.</summary>
    internal static int Count => Found.Value.Length;

    /// <param name="number">0 is the best.</param>
    internal static unsafe KernelLevel* Of(int number) => (KernelLevel*)Found.Value[number];

    private static unsafe nint[] Find()
    {
        if (!File.Exists(EngineFolder.Kernels))
            return [];
        var level = (delegate* unmanaged<long, nint>)
            NativeLibrary.GetExport(Engine.Load(EngineFolder.Kernels), "longtail_level");
        List<nint> found = [];
        for (var one = level(0); one != 0; one = level(found.Count))
            found.Add(one);
        return [.. found];
    }
}

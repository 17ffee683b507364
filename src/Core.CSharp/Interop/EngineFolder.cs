namespace LongTail.Core.Interop;

/// <summary>Where the native libraries lie: `build/engine` of the clone or archive that this assembly belongs to.</summary>
internal static class EngineFolder
{
    /// <summary>Names a folder of libtorch's libraries, as a Python package's `torch/lib`, instead of the package's.</summary>
    internal const string Choice = "LIBTORCH";

    /// <summary>TorchSharp's native part, mended where this machine's libstdc++ asks for it.</summary>
    internal static string TorchSharp => Path.Combine(Found.Value, "libLibTorchSharp.so");

    /// <summary>The frozen block's kernels; missing where no C++ compiler was to be had.</summary>
    internal static string Kernels => Path.Combine(Found.Value, "liblongtail_kernels.so");

    /// <summary>TorchSharp's native part with scalars that are freed late; missing where no C++ compiler was to be had.</summary>
    internal static string Scalars => Path.Combine(Found.Value, "liblongtail_scalars.so");

    /// <summary>What decodes images that are neither JPEG nor PNG.</summary>
    internal static string Skia => Path.Combine(Found.Value, "libSkiaSharp.so");

    /// <summary>The folder of libtorch's own libraries.</summary>
    internal static string Torch => Chosen ?? Path.Combine(Found.Value, "torch");

    /// <summary>The folder that a person named; null takes the package's.</summary>
    internal static string? Chosen =>
        Environment.GetEnvironmentVariable(Choice) is { Length: > 0 } chosen ? chosen : null;

    private static readonly Lazy<string> Found = new(Find);

    private static string Find()
    {
        var home = Path.GetDirectoryName(typeof(EngineFolder).Assembly.Location)!;
        for (var folder = home; folder is not null; folder = Path.GetDirectoryName(folder))
            if (Directory.Exists(Path.Combine(folder, "build", "engine")))
                return Path.Combine(folder, "build", "engine");
        throw new InputException(
            $"the engine is not here: no folder above {home} has build/engine; run `dotnet fsi build.fsx build` in the clone"
        );
    }
}

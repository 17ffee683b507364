using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LongTail.Core.Interop;

/// <summary>What libtorch refuses, in words for a person: TorchSharp's message goes on with libtorch's own C++ stack.</summary>
public static class TorchFault
{
    /// <summary>One line: the operator that was called and what libtorch says of the shapes; another exception's own first line.</summary>
    public static string Line(Exception e)
    {
        var said = e.Message.Split('\n')[0].TrimEnd('.', '\r');
        return e is ExternalException && Operator(e) is { } name ? $"{name}: {said}" : said;
    }

    /// <summary>The exception with .NET's stack, for a log.</summary>
    public static string Text(Exception e) =>
        string.Join('\n', e.ToString().Split('\n').Where(line => !IsNative(line)));

    private static bool IsNative(string line) =>
        line.StartsWith("frame #", StringComparison.Ordinal)
        || line.StartsWith("Exception raised from ", StringComparison.Ordinal);

    // TorchSharp's method that ours called: the outermost of its own.
    private static string? Operator(Exception e) =>
        new StackTrace(e)
            .GetFrames()
            .Select(frame => frame.GetMethod())
            .SkipWhile(method => method?.Name == "CheckForErrors")
            .TakeWhile(method =>
                method?.DeclaringType?.Assembly == typeof(TorchSharp.torch).Assembly
            )
            .LastOrDefault()
            ?.Name;
}

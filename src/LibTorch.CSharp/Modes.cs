using TorchSharp.Calls;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Records no operation for the backward pass until disposed.</summary>
    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static bool is_grad_enabled() => Door.longtail_grad_enabled() != 0;

    public static int get_num_threads() => Door.longtail_threads();

    public static void set_num_threads(int num) => Door.longtail_set_threads(num);

    public static string __version__ => Door.Version;

    private sealed class GradMode : IDisposable
    {
        private readonly bool before = is_grad_enabled();

        internal GradMode(bool enabled) => Door.longtail_set_grad_enabled(enabled ? 1 : 0);

        public void Dispose() => Door.longtail_set_grad_enabled(before ? 1 : 0);
    }
}

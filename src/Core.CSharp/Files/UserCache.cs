namespace LongTail.Core.Files;

/// <summary>What this person's programs remember between two starts. Nothing of it is needed: it may be deleted at any time.</summary>
public static class UserCache
{
    /// <summary>A file or folder of the cache; $XDG_CACHE_HOME/longtail, or ~/.cache/longtail.</summary>
    public static string Path(string name) =>
        System.IO.Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } chosen
                ? chosen
                : System.IO.Path.Combine(
                    Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
                    ".cache"
                ),
            "longtail",
            name
        );
}

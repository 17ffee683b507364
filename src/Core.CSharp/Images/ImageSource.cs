namespace LongTail.Core.Images;

/// <summary>Images by position, each with its class: files that are decoded, or a cache of such.</summary>
public abstract class ImageSource
{
    public abstract int Count { get; }

    /// <summary>Class of each image.</summary>
    public abstract IReadOnlyList<int> Labels { get; }

    /// <summary>One thread's way to the images; many may be open at once.</summary>
    public abstract ImageReader Reader();
}

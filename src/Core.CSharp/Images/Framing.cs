namespace LongTail.Core.Images;

/// <summary>How an image of any size becomes a square: the part of the pipeline that is done as it is decoded.</summary>
/// <param name="Side">Of the square, in pixels.</param>
public abstract record Framing(int Side)
{
    /// <summary>The rectangle of an image of this size.</summary>
    /// <param name="key">Of what is random.</param>
    public abstract Frame Of(int width, int height, ulong key);
}

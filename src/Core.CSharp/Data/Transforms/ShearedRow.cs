namespace LongTail.Core.Data.Transforms;

/// <summary>How far left a sheared row moves, and which of its pixels then come from inside the image.</summary>
/// <param name="Whole">Pixels, and beyond them <paramref name="Part"/> of one.</param>
internal readonly record struct ShearedRow(int Whole, float Part, int First, int End)
{
    /// <summary>By the factor times its distance from the top.</summary>
    internal static ShearedRow Of(double factor, int row, int width)
    {
        var moved = factor * (row + 0.5);
        var whole = (int)Math.Floor(moved);
        // Pixels whose centre, moved, is inside the image.
        var first = Math.Clamp((int)Math.Ceiling(-0.5 - moved), 0, width);
        var end = Math.Clamp((int)Math.Ceiling(width - 0.5 - moved), first, width);
        return new(whole, (float)(moved - whole), first, end);
    }
}

namespace LongTail.Core.Data.Transforms;

/// <summary>What one transform does to one image.</summary>
/// <param name="position">Of the image in its batch.</param>
internal delegate void Step(Canvas canvas, int position);

namespace LongTail.Core.Data.Transforms;

/// <summary>What is done with one image.</summary>
/// <param name="position">Of the image in its batch.</param>
internal delegate void Step(Canvas canvas, int position);

namespace LongTail.Core.Data.Transforms;

/// <summary>What was drawn for an image.</summary>
/// <param name="Amount">In the operation's unit: <see cref="PixelOperations.Amount"/>.</param>
internal readonly record struct DrawnOperation(PixelOperation Operation, double Amount);

namespace LongTail.Core.Images;

/// <summary>Which images a step wants.</summary>
/// <param name="Step">Of the run, over all epochs: random choices depend on it and on the place in the batch alone.</param>
/// <param name="Positions">In the source, in the batch's order; one may stand there more than once.</param>
public sealed record BatchOrder(long Step, IReadOnlyList<int> Positions);

namespace LongTail.Core.Images;

/// <summary>Some images of a source, in an order and with classes of their own.</summary>
/// <param name="chosen">Positions in the source.</param>
/// <param name="labels">One for each of the chosen.</param>
public sealed class ChosenImages(
    ImageSource source,
    IReadOnlyList<int> chosen,
    IReadOnlyList<int> labels
) : ImageSource
{
    public override int Count => chosen.Count;

    public override IReadOnlyList<int> Labels => labels;

    public override ImageReader Reader() => new ChosenReader(source.Reader(), chosen);

    private sealed class ChosenReader(ImageReader all, IReadOnlyList<int> chosen) : ImageReader
    {
        public override (int Width, int Height) Open(int position) => all.Open(chosen[position]);

        public override Pixels Decode(int shrink, int rows) => all.Decode(shrink, rows);

        public override void Dispose() => all.Dispose();
    }
}

using LongTail.Core.Data;

namespace LongTail.Core.Images;

/// <summary>The image files of a list, decoded whenever they are read.</summary>
public sealed class FileImages : ImageSource
{
    // Of many missing files the first few tell what is wrong.
    private const int Shown = 20;

    private readonly ImageList list;
    private readonly string folder;

    /// <param name="folder">That the list's paths begin in.</param>
    /// <exception cref="InputException">One line with the first files that are not there, and how many are not.</exception>
    public FileImages(ImageList list, string folder)
    {
        (this.list, this.folder) = (list, folder);
        var missing = list.MissingFrom(folder);
        if (missing.Count > 0)
            throw new InputException(
                $"{missing.Count} of {list.Count} files of {list.File} are not in {folder}: {string.Join(", ", missing.Take(Shown))}{(missing.Count > Shown ? " and more" : "")}: give the folder that the list's paths begin in, or bring the files"
            );
    }

    public override int Count => list.Count;

    public override IReadOnlyList<int> Labels => list.Labels;

    /// <summary>As in the list, relative to the images' folder.</summary>
    public string Path(int position) => list.Path(position);

    public override ImageReader Reader() => new FileReader(this);

    private string Place(int position) => System.IO.Path.Combine(folder, list.Path(position));

    private sealed class FileReader(FileImages images) : ImageReader
    {
        private readonly ImageDecoder decoder = new();

        public override (int Width, int Height) Open(int position) =>
            decoder.Open(images.Place(position));

        public override Pixels Decode(int shrink, int rows) => decoder.Decode(shrink, rows);

        public override void Dispose() => decoder.Dispose();
    }
}

namespace LongTail.Core.Data.Transforms;

/// <summary>
/// One image on its way through a pipeline, as planes of bytes, with room for what cannot be done in place. A thread has
/// one and takes image after image on it, so that an image costs no allocation.
/// </summary>
internal sealed class Canvas
{
    [ThreadStatic]
    private static Canvas? own;

    private byte[] pixels = [];
    private byte[] spare = [];
    private float[] floats = [];

    internal static Canvas OfThisThread => own ??= new Canvas();

    internal int Channels { get; private set; }

    internal int Height { get; private set; }

    internal int Width { get; private set; }

    private int Area => Height * Width;

    internal Span<byte> Pixels => pixels.AsSpan(0, Channels * Area);

    internal Span<byte> Plane(int channel) => pixels.AsSpan(channel * Area, Area);

    /// <summary>Takes an image of these planes.</summary>
    internal void Load(ReadOnlySpan<byte> image, int channels, int height, int width)
    {
        Channels = channels;
        image.CopyTo(Spare(height, width));
        Turn(height, width);
    }

    /// <summary>Room for an image of this size with as many channels, to be turned to when it is filled.</summary>
    internal Span<byte> Spare(int height, int width)
    {
        var size = Channels * height * width;
        if (spare.Length < size)
            spare = new byte[size];
        return spare.AsSpan(0, size);
    }

    /// <summary>What was written to <see cref="Spare"/> is the image now.</summary>
    internal void Turn(int height, int width)
    {
        (pixels, spare) = (spare, pixels);
        (Height, Width) = (height, width);
    }

    /// <summary>So many floats with whatever is in them.</summary>
    internal Span<float> Floats(int count)
    {
        if (floats.Length < count)
            floats = new float[count];
        return floats.AsSpan(0, count);
    }

    /// <summary>Cuts a window out, zeros where it leaves the image.</summary>
    internal void Cut(int top, int left, int height, int width)
    {
        var target = Spare(height, width);
        var first = Math.Clamp(-left, 0, width);
        var end = Math.Clamp(Width - left, first, width);
        for (var c = 0; c < Channels; c++)
        {
            var source = Plane(c);
            for (var y = 0; y < height; y++)
            {
                var row = target.Slice((c * height + y) * width, width);
                if (top + y < 0 || top + y >= Height || first == end)
                {
                    row.Clear();
                    continue;
                }
                row[..first].Clear();
                row[end..].Clear();
                source.Slice((top + y) * Width + left + first, end - first).CopyTo(row[first..end]);
            }
        }
        Turn(height, width);
    }

    /// <summary>Left to right.</summary>
    internal void Mirror()
    {
        for (var start = 0; start < Channels * Area; start += Width)
            pixels.AsSpan(start, Width).Reverse();
    }

    /// <summary>Zeros in a square around a pixel, as far as it lies in the image.</summary>
    internal void Blank(int centreDown, int centreRight, int side)
    {
        var (top, bottom) = Around(centreDown, side, Height);
        var (left, right) = Around(centreRight, side, Width);
        for (var c = 0; c < Channels; c++)
        for (var y = top; y < bottom; y++)
            Plane(c)[(y * Width + left)..(y * Width + right)].Clear();
    }

    /// <summary>Rows become columns.</summary>
    internal void Transpose()
    {
        var target = Spare(Width, Height);
        for (var c = 0; c < Channels; c++)
        {
            var source = Plane(c);
            var turned = target.Slice(c * Area, Area);
            for (var y = 0; y < Height; y++)
            for (var x = 0; x < Width; x++)
                turned[x * Height + y] = source[y * Width + x];
        }
        Turn(Width, Height);
    }

    private static (int First, int End) Around(int centre, int side, int size) =>
        (Math.Max(centre - side / 2, 0), Math.Min(centre + side - side / 2, size));
}

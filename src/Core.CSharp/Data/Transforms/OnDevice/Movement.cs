using TorchSharp;
using static TorchSharp.torch;

namespace LongTail.Core.Data.Transforms.OnDevice;

/// <summary>Operations that move pixels, each image's in its own way, as <see cref="Geometry"/> does it.</summary>
internal static class Movement
{
    /// <summary>Each pixel is the one that the image's map says.</summary>
    internal static Tensor Of(Tensor images, PixelMap[] maps, byte outside)
    {
        using var scope = NewDisposeScope();
        var (count, channels) = (images.shape[0], images.shape[1]);
        var (height, width) = (images.shape[2], images.shape[3]);
        var down = Line(images, height).view(1, -1, 1);
        var right = Line(images, width);
        var rows = From(map => (map.Row, map.RowRight, map.RowDown));
        var columns = From(map => (map.Column, map.ColumnRight, map.ColumnDown));
        var (insideRows, insideColumns) = (rows.clamp(0, height - 1), columns.clamp(0, width - 1));
        var inside = insideRows.eq(rows).logical_and(insideColumns.eq(columns));
        var pixels = (insideRows * width + insideColumns)
            .to(ScalarType.Int64)
            .view(count, 1, height * width)
            .expand(count, channels, height * width);
        return images
            .flatten(2)
            .gather(2, pixels)
            .view(count, channels, height, width)
            .masked_fill_(inside.logical_not().unsqueeze(1), (int)outside)
            .MoveToOuterDisposeScope();

        Tensor From(Converter<PixelMap, (int Start, int Right, int Down)> part)
        {
            var parts = Array.ConvertAll(maps, part);
            return (
                Each(parts, its => its.Start)
                + Each(parts, its => its.Right) * right
                + Each(parts, its => its.Down) * down
            ).floor_divide(1 << PixelMap.Precision);
        }

        Tensor Each<T>(T[] of, Converter<T, int> number) =>
            tensor(Array.ConvertAll(of, number), device: images.device).view(-1, 1, 1);
    }

    /// <summary>Each row to the left by the image's factor times its distance from the top.</summary>
    internal static Tensor Sheared(Tensor images, double[] factors)
    {
        using var scope = NewDisposeScope();
        var (height, width) = ((int)images.shape[2], (int)images.shape[3]);
        var rows = new ShearedRow[factors.Length * height];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = ShearedRow.Of(factors[i / height], i % height, width);
        var x = Line(images, width);
        var from = x + Each(row => row.Whole);
        var (a, b, c, d) = (Pixel(-1), Pixel(0), Pixel(1), Pixel(2));
        var at = tensor(Array.ConvertAll(rows, row => row.Part), device: images.device)
            .view(-1, 1, height, 1);
        var cubic = b - a + (d - c);
        var square = 2.0 * (a - b) + (c - d);
        var inside = x.ge(Each(row => row.First)).logical_and(x.lt(Each(row => row.End)));
        return (b + at * (c - a + at * (square + at * cubic)))
            .clamp(0, 255)
            .to(ScalarType.Byte)
            .masked_fill_(inside.logical_not(), (int)Geometry.Fill)
            .MoveToOuterDisposeScope();

        // Beyond the ends, the end.
        Tensor Pixel(long further) =>
            images
                .gather(
                    3,
                    (from + further)
                        .clamp(0, width - 1)
                        .to(ScalarType.Int64)
                        .expand(-1, images.shape[1], -1, -1)
                )
                .to(ScalarType.Float32);

        Tensor Each(Converter<ShearedRow, int> number) =>
            tensor(Array.ConvertAll(rows, number), device: images.device).view(-1, 1, height, 1);
    }

    private static Tensor Line(Tensor images, long length) =>
        arange(length, ScalarType.Int32, images.device);
}

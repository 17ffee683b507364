using System.Buffers.Binary;
using LongTail.Core.Interop;
using SkiaSharp;

namespace LongTail.Core.Images;

/// <summary>
/// WebP, BMP and GIF by SkiaSharp, the first frame of several; alpha is dropped, and no colour profile is applied, as with
/// JPEG and PNG.
/// </summary>
internal sealed unsafe class SkiaCodec : Codec
{
    private SKData? data;
    private SKCodec? codec;
    private byte[] rgba = [];

    internal override (int Width, int Height, int Orientation) Open(byte* data, int length)
    {
        Engine.Load(EngineFolder.Skia);
        Dispose();
        this.data = SKData.Create((nint)data, length);
        codec = SKCodec.Create(this.data) ?? throw new BrokenImageException("its head is damaged");
        return (codec.Info.Width, codec.Info.Height, Orientation(new(data, length)));
    }

    internal override int Shrink(int wanted) => 1;

    internal override void Decode(byte* rgb, int shrink, int rows)
    {
        var (width, height) = (codec!.Info.Width, codec.Info.Height);
        var info = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        if (rgba.Length < info.BytesSize)
            rgba = new byte[info.BytesSize];
        fixed (byte* pixels = rgba)
        {
            var end = codec.GetPixels(info, (nint)pixels);
            if (end != SKCodecResult.Success)
                throw new BrokenImageException(
                    end == SKCodecResult.IncompleteInput ? "its data end too early" : $"{end}"
                );
            var source = pixels;
            for (var left = (long)width * height; left > 0; left--, source += 4, rgb += 3)
                (rgb[0], rgb[1], rgb[2]) = (source[0], source[1], source[2]);
        }
    }

    public override void Dispose()
    {
        codec?.Dispose();
        data?.Dispose();
        (codec, data) = (null, null);
    }

    // Skia reads a JPEG's only. A WebP's stands in a chunk of its own.
    private static int Orientation(ReadOnlySpan<byte> file)
    {
        if (ImageFormat.Of(file) != ImageFormat.WebP)
            return Exif.Upright;
        for (var at = 12L; at + 8 <= file.Length; )
        {
            var chunk = file[(int)at..];
            var length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (chunk.StartsWith("EXIF"u8))
            {
                var exif = chunk.Slice(8, (int)Math.Min(length, chunk.Length - 8));
                return Exif.Orientation(exif.StartsWith("Exif\0\0"u8) ? exif[6..] : exif);
            }
            at += 8 + length + (length & 1);
        }
        return Exif.Upright;
    }
}

using System.Runtime.InteropServices;
using static LongTail.Core.Images.NativeDecoders;

namespace LongTail.Core.Images;

/// <summary>PNG by libspng: 1 to 16 bits, gray, palette, colour, interlaced; alpha is dropped, as Pillow's convert("RGB") does.</summary>
internal sealed unsafe class PngCodec : Codec
{
    private nint context;
    private long pixels;

    internal override (int Width, int Height, int Orientation) Open(byte* data, int length)
    {
        // A context decodes one image.
        Dispose();
        context = spng_ctx_new(0);
        Check(spng_set_png_buffer(context, data, (nuint)length));
        Check(spng_get_ihdr(context, out var header));
        pixels = (long)header.Width * header.Height;
        return (
            checked((int)header.Width),
            checked((int)header.Height),
            spng_get_exif(context, out var exif) == 0
                ? Exif.Orientation(new(exif.Data, checked((int)exif.Length)))
                : Exif.Upright
        );
    }

    internal override int Shrink(int wanted) => 1;

    internal override void Decode(byte* rgb, int shrink, int rows) =>
        Check(spng_decode_image(context, rgb, (nuint)(3 * pixels), Rgb8, 0));

    public override void Dispose()
    {
        if (context != 0)
            spng_ctx_free(context);
        context = 0;
    }

    private static void Check(int error)
    {
        if (error != 0)
            throw new BrokenImageException(
                Marshal.PtrToStringUTF8(spng_strerror(error)) ?? $"libspng's error {error}"
            );
    }
}

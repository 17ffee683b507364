using System.Runtime.InteropServices;
using LongTail.Core.Files;
using static LongTail.Core.Images.NativeDecoders;

namespace LongTail.Core.Images;

/// <summary>Writes PNG files by libspng.</summary>
public static unsafe class PngFile
{
    private const int Encoder = 2;
    private const int EncodeToBuffer = 12;
    private const int AsInHeader = 256;
    private const int Finalise = 2;
    private const byte TrueColour = 2;

    /// <param name="rgb">Height x Width x 3 bytes.</param>
    /// <exception cref="InputException">The place cannot be written.</exception>
    public static void Write(string file, ReadOnlySpan<byte> rgb, int width, int height)
    {
        if (rgb.Length != 3 * width * height)
            throw new ArgumentException($"{width} x {height} x 3 bytes are needed", nameof(rgb));
        var context = spng_ctx_new(Encoder);
        var png = (byte*)null;
        try
        {
            Check(spng_set_option(context, EncodeToBuffer, 1));
            var header = new PngHeader
            {
                Width = (uint)width,
                Height = (uint)height,
                BitDepth = 8,
                ColourType = TrueColour,
            };
            Check(spng_set_ihdr(context, in header));
            fixed (byte* pixels = rgb)
                Check(spng_encode_image(context, pixels, (nuint)rgb.Length, AsInHeader, Finalise));
            png = spng_get_png_buffer(context, out var length, out var error);
            Check(error);
            var encoded = (nint)png;
            WholeFile.Write(
                file,
                stream => stream.Write(new ReadOnlySpan<byte>((void*)encoded, (int)length))
            );
        }
        finally
        {
            // libspng leaves the buffer to who asked for it.
            NativeMemory.Free(png);
            spng_ctx_free(context);
        }
    }

    private static void Check(int error)
    {
        if (error != 0)
            throw new InvalidOperationException(
                $"libspng: {Marshal.PtrToStringUTF8(spng_strerror(error))}"
            );
    }
}

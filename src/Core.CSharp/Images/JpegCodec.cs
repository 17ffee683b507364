using System.Runtime.InteropServices;
using static LongTail.Core.Images.NativeDecoders;

namespace LongTail.Core.Images;

/// <summary>JPEG by libjpeg-turbo: baseline, progressive, arithmetic; gray, YCbCr, RGB, CMYK and YCCK of 8 bits.</summary>
internal sealed unsafe class JpegCodec : Codec
{
    private nint handle = tjInitDecompress();
    private byte[] inks = [];
    private byte* data;
    private int length;
    private int width;
    private int height;
    private bool printed;
    private JpegFrame frame;

    internal override (int Width, int Height, int Orientation) Open(byte* data, int length)
    {
        this.data = data;
        this.length = length;
        // A warning, or samples laid out as TurboJPEG has no name for, need not stop the decoder: only a size must be there.
        _ = tjDecompressHeader3(
            handle,
            data,
            (nuint)length,
            out width,
            out height,
            out _,
            out var colours
        );
        if (width <= 0 || height <= 0)
            throw Broken();
        printed = (JpegColours)colours is JpegColours.Cmyk or JpegColours.Ycck;
        frame = JpegFrame.Of(new(data, length));
        return (width, height, frame.Orientation);
    }

    // Every factor from 1/8 to 2 is possible, but only these are computed by vector instructions: 3/4 takes longer than 1.
    internal override int Shrink(int wanted) => Math.Min(wanted, 8);

    internal override void Decode(byte* rgb, int shrink, int rows)
    {
        // TurboJPEG cannot be told to stop, but a head that claims fewer rows stops it.
        var claimed = frame.Cut(new(data, length), rows, height);
        try
        {
            Fill(rgb, (width + shrink - 1) / shrink, (claimed + shrink - 1) / shrink);
        }
        finally
        {
            frame.Claim(new(data, length), height);
        }
    }

    private void Fill(byte* rgb, int columns, int rows)
    {
        if (!printed)
        {
            Decode(rgb, columns, rows, JpegPixels.Rgb);
            return;
        }
        if (inks.Length < 4L * columns * rows)
            inks = new byte[4L * columns * rows];
        fixed (byte* cmyk = inks)
        {
            Decode(cmyk, columns, rows, JpegPixels.Cmyk);
            ToRgb(cmyk, rgb, columns * rows);
        }
    }

    private void Decode(byte* pixels, int columns, int rows, JpegPixels format)
    {
        const JpegFlags flags = JpegFlags.AccurateDct | JpegFlags.LimitScans;
        Warning = null;
        if (
            tjDecompress2(handle, data, (nuint)length, pixels, columns, 0, rows, format, flags) == 0
        )
            return;
        if (tjGetErrorCode(handle) != 0 || IsCutOff())
            throw Broken();
        Warning = Reason();
    }

    // Where data end too early the decoder only warns, and paints the rest gray. It keeps its first warning, which may
    // be another one.
    private bool IsCutOff() =>
        Reason().StartsWith("Premature end of JPEG file", StringComparison.Ordinal)
        || new ReadOnlySpan<byte>(data, length).LastIndexOf([(byte)0xFF, (byte)0xD9]) < 0;

    // Adobe's programs store inks inverted, 255 for none, and others do as they do.
    private static void ToRgb(byte* cmyk, byte* rgb, int pixels)
    {
        for (var i = 0; i < pixels; i++, cmyk += 4, rgb += 3)
        for (var c = 0; c < 3; c++)
            rgb[c] = (byte)((cmyk[c] * cmyk[3] + 127) / 255);
    }

    private string Reason() => Marshal.PtrToStringUTF8(tjGetErrorStr2(handle)) ?? "no reason given";

    // A decoder that stopped in a file's head refuses the next file too, whatever that is: the next one gets another.
    private BrokenImageException Broken()
    {
        var reason = Reason();
        Dispose();
        handle = tjInitDecompress();
        return new(reason);
    }

    public override void Dispose() => _ = tjDestroy(handle);
}

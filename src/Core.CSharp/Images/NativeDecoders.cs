using System.Reflection;
using System.Runtime.InteropServices;

namespace LongTail.Core.Images;

/// <summary>The C functions of libjpeg-turbo's TurboJPEG 2.1 and of libspng 0.7, Debian's libraries; libspng encodes too.</summary>
internal static unsafe partial class NativeDecoders
{
    private const string TurboJpeg = "libturbojpeg.so.0";
    private const string Spng = "libspng.so.0";

    static NativeDecoders() =>
        NativeLibrary.SetDllImportResolver(typeof(NativeDecoders).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name is not (TurboJpeg or Spng))
            return 0;
        return NativeLibrary.TryLoad(name, assembly, path, out var library)
            ? library
            : throw new InputException(
                $"{name} is not on this machine, and images of files are decoded by it: run `dotnet fsi build.fsx setup`"
            );
    }

    // ---- TurboJPEG

    internal enum JpegPixels
    {
        Rgb = 0,
        Cmyk = 11,
    }

    /// <summary>What a JPEG's samples are.</summary>
    internal enum JpegColours
    {
        Cmyk = 3,
        Ycck = 4,
    }

    [Flags]
    internal enum JpegFlags
    {
        AccurateDct = 1 << 12,

        /// <summary>A progressive file of a few kilobytes may otherwise ask for hours.</summary>
        LimitScans = 1 << 15,
    }

    [LibraryImport(TurboJpeg)]
    internal static partial nint tjInitDecompress();

    [LibraryImport(TurboJpeg)]
    internal static partial int tjDestroy(nint handle);

    [LibraryImport(TurboJpeg)]
    internal static partial int tjDecompressHeader3(
        nint handle,
        byte* data,
        nuint length,
        out int width,
        out int height,
        out int subsampling,
        out int colours
    );

    [LibraryImport(TurboJpeg)]
    internal static partial int tjDecompress2(
        nint handle,
        byte* data,
        nuint length,
        byte* pixels,
        int width,
        int pitch,
        int height,
        JpegPixels format,
        JpegFlags flags
    );

    [LibraryImport(TurboJpeg)]
    internal static partial nint tjGetErrorStr2(nint handle);

    /// <summary>1 where the last failure stopped the decoder, 0 where it only warned.</summary>
    [LibraryImport(TurboJpeg)]
    internal static partial int tjGetErrorCode(nint handle);

    // ---- libspng

    internal const int Rgb8 = 4;

    [StructLayout(LayoutKind.Sequential)]
    internal struct PngHeader
    {
        internal uint Width;
        internal uint Height;
        internal byte BitDepth;
        internal byte ColourType;
        internal byte Compression;
        internal byte Filter;
        internal byte Interlace;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct PngExif
    {
        internal nuint Length;
        internal byte* Data;
    }

    [LibraryImport(Spng)]
    internal static partial nint spng_ctx_new(int flags);

    [LibraryImport(Spng)]
    internal static partial void spng_ctx_free(nint context);

    [LibraryImport(Spng)]
    internal static partial int spng_set_png_buffer(nint context, byte* data, nuint length);

    [LibraryImport(Spng)]
    internal static partial int spng_get_ihdr(nint context, out PngHeader header);

    [LibraryImport(Spng)]
    internal static partial int spng_get_exif(nint context, out PngExif exif);

    [LibraryImport(Spng)]
    internal static partial int spng_decode_image(
        nint context,
        byte* pixels,
        nuint length,
        int format,
        int flags
    );

    [LibraryImport(Spng)]
    internal static partial int spng_set_option(nint context, int option, int value);

    [LibraryImport(Spng)]
    internal static partial int spng_set_ihdr(nint context, in PngHeader header);

    [LibraryImport(Spng)]
    internal static partial int spng_encode_image(
        nint context,
        byte* pixels,
        nuint length,
        int format,
        int flags
    );

    [LibraryImport(Spng)]
    internal static partial byte* spng_get_png_buffer(
        nint context,
        out nuint length,
        out int error
    );

    [LibraryImport(Spng)]
    internal static partial nint spng_strerror(int error);
}

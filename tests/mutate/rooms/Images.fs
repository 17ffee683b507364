module LongTail.Tests.Mutation.Images

let private file name = "src/Core.CSharp/Images/" + name

let defects =
    [
        {
            Name = "a decoder that failed is used again"
            File = file "JpegCodec.cs"
            Changes = [ ("        Dispose();\n        handle = tjInitDecompress();\n", "") ]
            CaughtBy = "leaves the decoder fit for the next one"
        }
        {
            Name = "inks are not inverted"
            File = file "JpegCodec.cs"
            Changes =
                [
                    ("(cmyk[c] * cmyk[3] + 127) / 255", "(255 - cmyk[c]) * (255 - cmyk[3]) / 255")
                ]
            CaughtBy = "in inverted inks becomes colour as in Pillow"
        }
        {
            Name = "a crop looks beyond itself"
            File = file "Resampler.cs"
            Changes = [ ("whole ? 0 : (int)low", "0") ]
            CaughtBy = "is Pillow's within 1"
        }
    ]

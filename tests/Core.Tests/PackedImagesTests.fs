/// The cache of decoded images.
module LongTail.Tests.PackedImagesTests

open System
open System.IO
open System.Threading
open Expecto
open LongTail.Core.Data
open LongTail.Core.Images
open LongTail.Core.Settings
open LongTail.Tests.ImageFiles
open LongTail.Tests.TempFolder

let private count = 5

let private withImages body =
    inTempFolder (fun folder ->
        for i in 0 .. count - 1 do
            let w, h = 40 + 20 * i, 60
            File.WriteAllBytes(Path.Combine(folder, $"{i}.jpg"), jpeg Colour 0 w h (smooth w h))

        let file = Path.Combine(folder, "list.txt")
        File.WriteAllLines(file, [ for i in 0 .. count - 1 -> $"{i}.jpg {i % 2}" ])
        body folder (ImageList.Read file))

let private cache folder = Path.Combine(folder, "cache")

let private openPacked side broken folder list =
    PackedImages.Open(FileImages(list, folder), side, cache folder, broken, 2)

/// Of an image in the cache: its size and bytes.
let private image (images: ImageSource) position =
    use reader = images.Reader()
    let struct (width, height) = reader.Open position
    let pixels = reader.Decode 1
    width, height, pixels.Rgb.ToArray()

let private files folder =
    if Directory.Exists(cache folder) then
        List.ofArray (Directory.GetFiles(cache folder))
    else
        []

[<Tests>]
let tests =
    testList
        "packed images"
        [
            testCase "are the decoded ones, the shorter side resized, and smaller ones as they are" (fun () ->
                withImages (fun folder list ->
                    use packed = openPacked 50 BrokenImages.Fail folder list
                    Expect.equal packed.Count count "images"
                    Expect.equal (List.ofSeq packed.Labels) [ 0; 1; 0; 1; 0 ] "classes"

                    for i in 0 .. count - 1 do
                        let w, h, rgb = decode (Path.Combine(folder, $"{i}.jpg"))
                        let shorter = min w h

                        let size =
                            if shorter > 50 then
                                w * 50 / shorter, h * 50 / shorter
                            else
                                w, h

                        let width, height, found = image packed i
                        Expect.equal (width, height) size $"size of image {i}"
                        let expected = Array.zeroCreate<byte>(3 * width * height)
                        let frame = Frame.All(w, h)
                        Resampler().ToPixels(Pixels(ReadOnlySpan rgb, w, h), &frame, width, height, expected.AsSpan())
                        Expect.equal found expected $"image {i}"))
            testCase "are made once, for a list and a side" (fun () ->
                withImages (fun folder list ->
                    (openPacked 50 BrokenImages.Fail folder list).Dispose()
                    let made = File.GetLastWriteTimeUtc((files folder).Head)
                    (openPacked 50 BrokenImages.Fail folder list).Dispose()
                    Expect.equal (File.GetLastWriteTimeUtc((files folder).Head)) made "made once"
                    (openPacked 40 BrokenImages.Fail folder list).Dispose()
                    let other = Path.Combine(folder, "other.txt")
                    File.WriteAllLines(other, [ "1.jpg 0"; "0.jpg 0" ])
                    (openPacked 50 BrokenImages.Fail folder (ImageList.Read other)).Dispose()
                    Expect.equal (files folder).Length 3 "files"))
            testCase "go to the model as files do" (fun () ->
                withImages (fun folder list ->
                    use packed = openPacked 1000 BrokenImages.Fail folder list
                    let order = [ BatchOrder(3L, [| 4; 0; 2 |]) ]

                    let batch (source: ImageSource) =
                        [
                            for images in Prefetcher(source, RandomFraming 31, 5L, BrokenImages.Fail, 2).Deliver order do
                                yield images.bytes.ToArray()
                                images.Dispose()
                        ]

                    // No image is larger than the stored side, and no crop twice as high as the model's.
                    Expect.equal (batch packed) (batch (FileImages(list, folder))) "bytes"))
            testCase "are not made where an image is broken, nor where making is stopped" (fun () ->
                withImages (fun folder list ->
                    File.WriteAllText(Path.Combine(folder, "3.jpg"), "no image")
                    let message = inputError (fun () -> openPacked 50 BrokenImages.Fail folder list)
                    Expect.stringContains message "3.jpg is no image" "words"
                    Expect.equal (files folder) [] "files"
                    use stop = new CancellationTokenSource()
                    stop.Cancel()

                    Expect.throwsT<OperationCanceledException>
                        (fun () ->
                            PackedImages.Open(
                                FileImages(list, folder),
                                50,
                                cache folder,
                                BrokenImages.Skip,
                                2,
                                stop.Token
                            )
                            |> ignore)
                        "stopped"

                    Expect.equal (files folder) [] "files"))
            testCase "remember which were broken, where those are passed over" (fun () ->
                withImages (fun folder list ->
                    File.WriteAllText(Path.Combine(folder, "3.jpg"), "no image")
                    use packed = openPacked 50 BrokenImages.Skip folder list
                    Expect.stringContains (inputError (fun () -> image packed 3)) "3.jpg could not be decoded" "words"
                    let w, h, _ = image packed 4
                    Expect.equal (w, h) (100, 50) "the next one"))
            testCase "whose file is damaged are refused, with what to do" (fun () ->
                withImages (fun folder list ->
                    (openPacked 50 BrokenImages.Fail folder list).Dispose()
                    let file = (files folder).Head
                    let whole = File.ReadAllBytes file

                    for bytes in
                        [
                            [||]
                            whole[..10]
                            whole[.. whole.Length - 2]
                            Array.append whole [| 0uy |]
                            Array.append [| 1uy |] whole[1..]
                        ] do
                        File.WriteAllBytes(file, bytes)

                        let message = inputError (fun () -> openPacked 50 BrokenImages.Fail folder list)

                        Expect.stringContains message file "file"

                    // An image that would lie beyond the file.
                    let last = whole.Length - 16 * count
                    whole[last + 6] <- 1uy
                    File.WriteAllBytes(file, whole)
                    use packed = openPacked 50 BrokenImages.Fail folder list
                    Expect.stringContains (inputError (fun () -> image packed 0)) "is damaged" "words"))
        ]

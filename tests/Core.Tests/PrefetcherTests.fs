/// Batches of decoded images: their order, what they depend on, and what happens where images are broken or missing.
module LongTail.Tests.PrefetcherTests

open System
open System.IO
open System.Threading
open Expecto
open FsCheck
open LongTail.Core
open LongTail.Core.Data
open LongTail.Core.Images
open LongTail.Core.Settings
open LongTail.Tests.ImageFiles
open LongTail.Tests.TempFolder
open TorchSharp

let private count = 12

/// A folder of small images of three classes, each of a size and colour of its own, with its list.
let private withImages body =
    inTempFolder (fun folder ->
        for i in 0 .. count - 1 do
            let w, h = 20 + 3 * i, 30 - i
            let rgb = smooth w h |> Array.map (fun value -> value + byte (4 * i))
            File.WriteAllBytes(Path.Combine(folder, $"{i}.jpg"), jpeg Colour 0 w h rgb)

        let file = Path.Combine(folder, "list.txt")
        File.WriteAllLines(file, [ for i in 0 .. count - 1 -> $"{i}.jpg {i % 3}" ])
        body folder (ImageList.Read file))

let private orders (positions: int list list) =
    positions
    |> List.mapi (fun i chosen -> BatchOrder(int64 i, Array.ofList chosen))

let private bytesOf (batch: torch.Tensor) =
    let bytes = batch.bytes.ToArray()
    batch.Dispose()
    bytes

let private someOrder step =
    BatchOrder(int64 step, [| step % count; 2 |])

let private deliver (source: ImageSource) broken threads ahead orders : Prefetcher * byte[] list =
    let loader = Prefetcher(source, RandomFraming 8, 5L, broken, threads, ahead)
    let batches = loader.Deliver orders |> Seq.map bytesOf |> List.ofSeq
    loader, batches

let private breakFile folder i =
    let file = Path.Combine(folder, $"{i}.jpg")
    File.WriteAllBytes(file, (File.ReadAllBytes file)[..200])

[<Tests>]
let tests =
    testList
        "a prefetcher"
        [
            testCase "delivers each image where it was asked for, as a reader reads it" (fun () ->
                withImages (fun folder list ->
                    let source = FileImages(list, folder)
                    let asked = [ [ 3; 0; 11 ]; [ 7 ]; [ 3; 3 ] ]
                    let _, batches = deliver source BrokenImages.Fail 2 2 (orders asked)
                    use reader = source.Reader()

                    for step, positions in List.indexed asked do
                        for index, position in List.indexed positions do
                            let expected = Array.zeroCreate<byte>(3 * 8 * 8)
                            let key = Randomness.Key(5L, Purpose.Framing, int64 step, index)
                            reader.Read(position, RandomFraming 8, key, expected.AsSpan())
                            let found = batches[step] |> Array.skip (192 * index) |> Array.take 192
                            Expect.equal found expected $"image {index} of step {step}"

                    let twice = List.item 2 batches

                    Expect.notEqual
                        (Array.take 192 twice)
                        (Array.skip 192 twice)
                        "an image twice in a batch is cropped twice"))
            testCase "delivers the same bytes whatever the number of threads and batches ahead" (fun () ->
                withImages (fun folder list ->
                    let source = FileImages(list, folder)

                    Check.One(
                        Config.QuickThrowOnFailure.WithMaxTest 20,
                        fun (asked: NonNegativeInt list list) (PositiveInt threads) (PositiveInt ahead) ->
                            let asked = asked |> List.map (List.map (fun i -> i.Get % count)) |> orders
                            let _, one = deliver source BrokenImages.Fail 1 1 asked

                            let _, many =
                                deliver source BrokenImages.Fail (threads % 9 + 1) (ahead % 5 + 1) asked

                            one = many
                    )))
            testCase "delivers from the middle of an epoch what the whole one would have" (fun () ->
                withImages (fun folder list ->
                    let source = FileImages(list, folder)
                    let asked = orders [ for i in 0..9 -> [ i; i + 1; i + 2 ] ]
                    let _, whole = deliver source BrokenImages.Fail 2 3 asked
                    let _, rest = deliver source BrokenImages.Fail 2 3 (List.skip 4 asked)
                    Expect.equal rest (List.skip 4 whole) "batches"))
            testCase "asks for no more batches than it may hold" (fun () ->
                withImages (fun folder list ->
                    let mutable asked = 0

                    let endless =
                        Seq.initInfinite (fun step ->
                            asked <- asked + 1
                            someOrder step)

                    let loader =
                        Prefetcher(FileImages(list, folder), RandomFraming 8, 5L, BrokenImages.Fail, 2, 3)

                    let mutable delivered = 0

                    for batch in loader.Deliver endless |> Seq.truncate 20 do
                        delivered <- delivered + 1
                        batch.Dispose()
                        Order.isLessThanOrEqual (asked - delivered) 3 "batches asked for and not delivered"))
            testCase "stops its threads when it is cancelled, or left" (fun () ->
                withImages (fun folder list ->
                    let loader =
                        Prefetcher(FileImages(list, folder), RandomFraming 8, 5L, BrokenImages.Fail, 2)

                    use stop = new CancellationTokenSource()
                    let endless = Seq.initInfinite someOrder

                    Expect.throwsT<OperationCanceledException>
                        (fun () ->
                            for batch in loader.Deliver(endless, stop.Token) do
                                batch.Dispose()
                                stop.Cancel())
                        "cancelled"

                    // The images' folder goes now: a thread still at work would fail.
                    loader.Deliver endless |> Seq.truncate 2 |> Seq.iter _.Dispose()))
            testCase
                "fails with the name of the first broken image of the batch, whatever the number of threads"
                (fun () ->
                    withImages (fun folder list ->
                        for i in [ 4; 5; 9 ] do
                            breakFile folder i

                        for threads in 1..4 do
                            let message =
                                inputError (fun () ->
                                    deliver
                                        (FileImages(list, folder))
                                        BrokenImages.Fail
                                        threads
                                        2
                                        (orders [ [ 0; 5; 4; 9 ] ]))

                            Expect.stringContains message "5.jpg cannot be decoded" "words"))
            testCase "puts the next sound image of its class in a broken one's place, and counts it" (fun () ->
                withImages (fun folder list ->
                    // Of class 1: 1, 4, 7, 10.
                    for i in [ 7; 10 ] do
                        breakFile folder i

                    for threads in 1..4 do
                        let source = FileImages(list, folder)
                        let asked = [ [ 0; 7; 2 ]; [ 7; 10 ] ]
                        let loader, batches = deliver source BrokenImages.Skip threads 2 (orders asked)

                        let _, expected =
                            deliver source BrokenImages.Fail 1 1 (orders [ [ 0; 1; 2 ]; [ 1; 1 ] ])

                        Expect.equal batches expected "batches"
                        Expect.equal [ for struct (i, _) in loader.Broken -> i ] [ 7; 10 ] "broken images"))
            testCase "fails where a class has no sound image" (fun () ->
                withImages (fun folder list ->
                    for i in [ 1; 4; 7; 10 ] do
                        breakFile folder i

                    let message =
                        inputError (fun () ->
                            deliver (FileImages(list, folder)) BrokenImages.Skip 2 2 (orders [ [ 0; 7 ] ]))

                    Expect.stringContains message "no image of class 1 can be decoded" "words"))
        ]

[<Tests>]
let missing =
    testList
        "images of a list"
        [
            testCase "that are not there are named, the first twenty of them, before any is read" (fun () ->
                inTempFolder (fun folder ->
                    let file = Path.Combine(folder, "list.txt")
                    File.WriteAllLines(file, [ for i in 10..39 -> $"a/{i}.jpg 0" ])
                    Directory.CreateDirectory(Path.Combine(folder, "a")) |> ignore
                    File.WriteAllText(Path.Combine(folder, "a", "20.jpg"), "")
                    let message = inputError (fun () -> FileImages(ImageList.Read file, folder))
                    Expect.stringContains message "29 of 30 files" "how many"
                    Expect.stringContains message "a/10.jpg, a/11.jpg" "names"
                    Expect.stringContains message "a/30.jpg and more" "the twentieth, as one is there"
                    Expect.isFalse (message.Contains "a/31.jpg") "no more"
                    Expect.isFalse (message.Contains '\n') "one line"))
        ]

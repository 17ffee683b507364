/// What `longtail data` says of sets and lists.
module LongTail.Tests.DataSetsTests

open System.IO
open System.Threading
open Expecto
open LongTail
open LongTail.Commands
open LongTail.Tests.TempFolder

let private inFolder files body =
    inTempFolder (fun folder ->
        for name, text: string in files do
            let path = Path.Combine(folder, name)
            Directory.CreateDirectory(string (Path.GetDirectoryName path)) |> ignore
            File.WriteAllText(path, text)

        body
            { Place.here with
                DataFolder = Some folder
            }
            (fun name -> Path.Combine(folder, name)))

let private refused words body =
    let message = inputError body
    Expect.stringContains message words "words"
    Expect.isFalse (message.Contains '\n') "one line"

let private check place subject =
    DataSets.check place false CancellationToken.None subject

let private get place from checksum name =
    fun () -> DataSets.get place from checksum (DataSets.find name) CancellationToken.None

[<Tests>]
let tests =
    testList
        "data"
        [
            testCase "a list whose images are all there is told by its counts" (fun () ->
                inFolder
                    [
                        "l.txt", "a/1.jpg 0\na/2.jpg 0\na/3.jpg 1\n"
                        "a/1.jpg", ""
                        "a/2.jpg", ""
                        "a/3.jpg", ""
                    ]
                    (fun place at ->
                        Expect.equal
                            (check place (DataSets.find (at "l.txt")))
                            (Ok [ "3 images of 2 classes, 2 to 1 a class; head, medium, tail: 0, 0, 2 classes" ])
                            "counts"))
            testCase "missing images are named at once, the first of many" (fun () ->
                let many = String.concat "" [ for i in 1..30 -> $"a/{i}.jpg 0\n" ]

                inFolder [ "l.txt", many + many; "a/7.jpg", "" ] (fun place at ->
                    match check place (DataSets.find (at "l.txt")) with
                    | Ok lines -> failtest $"%A{lines}"
                    | Error lines ->
                        Expect.hasLength lines 21 "twenty and a total"
                        Expect.stringEnds lines[0] " lacks a/1.jpg" "in the list's order"
                        Expect.stringContains lines[20] "and 9 more" "each once"))
            testCase "a published set's lists are held against what was published" (fun () ->
                inFolder
                    [
                        "Places_LT_train.txt", "a.jpg 0\n"
                        "Places_LT_test.txt", "a.jpg 0\n"
                        "a.jpg", ""
                    ]
                    (fun place _ ->
                        match check place (DataSets.find "places-lt") with
                        | Ok lines -> failtest $"%A{lines}"
                        | Error lines ->
                            Expect.hasLength lines 6 "each count"
                            Expect.stringContains lines[0] "has 1 images, the published one 62500" "images"))
            testCase "images that cannot be decoded are named all, where each is tried" (fun () ->
                inFolder [ "l.txt", "a/1.jpg 0\na/2.png 1\n"; "a/1.jpg", "no image"; "a/2.png", "" ] (fun place at ->
                    let subject = DataSets.find (at "l.txt")
                    Expect.isOk (check place subject) "as files they are there"

                    match DataSets.check place true CancellationToken.None subject with
                    | Ok lines -> failtest $"%A{lines}"
                    | Error lines ->
                        Expect.hasLength lines 2 "both"
                        Expect.stringContains lines[0] "a/1.jpg is neither a JPEG nor a PNG" "the first"
                        Expect.stringContains lines[1] "a/2.png is empty" "the second"))
            testCase "a folder of class folders is told by its counts" (fun () ->
                inFolder [ "c/x/1.jpg", ""; "c/x/2.png", ""; "c/y/1.jpeg", ""; "c/y/note.txt", "" ] (fun place at ->
                    match check place (DataSets.find (at "c")) with
                    | Ok lines -> Expect.stringStarts lines[0] "3 images of 2 classes, 2 to 1 a class" "counts"
                    | Error lines -> failtest $"%A{lines}"))
            testCase "the histogram has a row a class where there are few, and a bar for each" (fun () ->
                inFolder [ "l.txt", "a 0\nb 0\nc 0\nd 0\ne 1\nf 1\ng 2\n" ] (fun place at ->
                    let lines = DataSets.show place (DataSets.find (at "l.txt"))
                    Expect.hasLength lines 4 "three classes"

                    Expect.equal
                        (lines.Tail |> List.map (fun line -> line |> Seq.filter ((=) '█') |> Seq.length))
                        [ 50; 25; 12 ]
                        "in proportion"))
            testCase "what cannot be is refused in one line" (fun () ->
                inFolder [] (fun place at ->
                    refused "there is no data set mnist" (fun () -> DataSets.find "mnist")
                    refused "cannot be read" (fun () -> check place (DataSets.find (at "none.txt")))
                    refused "say where the data lies" (get Place.here None None "cifar100")
                    refused "no http address" (get place (Some "ftp://x") None "cifar100")
                    refused "32 hex digits" (get place None (Some "abc") "cifar10")
                    refused "is 4 files" (get place None (Some(String.replicate 32 "0")) "fashion-mnist")
                    refused "data check inaturalist2018" (get place None None "inaturalist2018")
                    refused "is not fetched" (get place None None (at "l.txt"))))
        ]

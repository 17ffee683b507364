/// What `longtail data` says of sets and lists.
module LongTail.Tests.DataSetsTests

open System.IO
open System.Threading
open Expecto
open LongTail
open LongTail.Commands
open LongTail.Core
open LongTail.Core.Images
open LongTail.Tests.TempFolder

let private inFolder files body =
    inTempFolder (fun folder ->
        for name, text: string in files do
            let path = Path.Combine(folder, name)
            Directory.CreateDirectory(string (Path.GetDirectoryName path)) |> ignore
            File.WriteAllText(path, text)

        body
            { Place.here with
                DataFolders = [ folder ]
            }
            (fun name -> Path.Combine(folder, name)))

let private refused words body =
    let message = inputError body
    Expect.stringContains message words "words"
    Expect.isFalse (message.Contains '\n') "one line"

let private check place subject =
    DataSets.check place false CancellationToken.None subject

/// Every line in which a list or folder is refused.
let private refusal place subject =
    match
        (try
            check place (DataSets.find subject)
         with :? InputException as e ->
             Error [ e.Message ])
    with
    | Error lines -> lines
    | Ok lines -> failtest $"%A{lines}"

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
                        "a/1.jpg", "x"
                        "a/2.jpg", "x"
                        "a/3.jpg", "x"
                    ]
                    (fun place at ->
                        Expect.equal
                            (check place (DataSets.find (at "l.txt")))
                            (Ok
                                [
                                    "3 images of 2 classes, 2 to 1 a class; classes of head, medium, tail: 0, 0, 2 by training images (over 100, 20 to 100, under 20)"
                                ])
                            "counts"))
            testCase "missing images are named at once, the first of many" (fun () ->
                let many = String.concat "" [ for i in 1..30 -> $"a/{i}.jpg 0\n" ]

                inFolder [ "l.txt", many + many; "a/7.jpg", "x" ] (fun place at ->
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
                        "a.jpg", "x"
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

                    Expect.equal
                        (check place subject)
                        (Error [ at "a/2.png" + " is empty: replace the file, or take it off the list" ])
                        "one is known without a look into it"

                    match DataSets.check place true CancellationToken.None subject with
                    | Ok lines -> failtest $"%A{lines}"
                    | Error lines ->
                        Expect.hasLength lines 2 "both"
                        Expect.stringContains lines[0] "a/1.jpg is no image" "the first"
                        Expect.stringContains lines[1] "a/2.png is empty" "the second"))
            testCase "a list is looked for in its own folder, and one with gaps is told" (fun () ->
                inFolder [ "l.txt", "1.jpg 0\n2.jpg 2\n"; "1.jpg", "x"; "2.jpg", "x" ] (fun _ at ->
                    match check Place.here (DataSets.find (at "l.txt")) with
                    | Ok lines ->
                        Expect.hasLength lines 2 "and a doubt"

                        Expect.stringStarts
                            lines[1]
                            (at "l.txt" + " has no image of class 1, and its labels go to 2 (line 2)")
                            "the doubt"
                    | Error lines -> failtest $"%A{lines}"))
            testTheory
                "what nothing can be learnt from is told, and its labels that have no image are no classes"
                [
                    "1.jpg 1\n2.jpg 2\n3.jpg 3\n",
                    "3 images of 3 classes, 1 to 1 a class",
                    "has labels that begin at 1 (line 1): number the classes from 0; a run takes it to judge by, not to learn from"
                    "1.jpg 0\n",
                    "1 image of 1 class, 1 to 1 a class",
                    "has one class: there is nothing to tell apart; give images of two classes or more; a run takes it to judge by, not to learn from"
                ]
                (fun (text, counts, why) ->
                    inFolder [ "l.txt", text; "1.jpg", "x"; "2.jpg", "y"; "3.jpg", "z" ] (fun place at ->
                        match check place (DataSets.find (at "l.txt")) with
                        | Ok [ first; second ] ->
                            Expect.stringStarts first counts "counts"
                            Expect.equal second (at "l.txt" + " " + why) "why"
                        | other -> failtest $"%A{other}"))
            testCase "empty files of a folder are told by name" (fun () ->
                inFolder [ "c/x/1.jpg", "x"; "c/y/1.jpg", ""; "c/y/2.jpg", "y" ] (fun place at ->
                    Expect.equal
                        (check place (DataSets.find (at "c")))
                        (Error
                            [
                                at "c/y/1.jpg"
                                + " is empty: replace the file, or remove it from its class folder"
                            ])
                        "the one"))
            testCase "a folder of class folders is told by its counts" (fun () ->
                inFolder [ "c/x/1.jpg", "x"; "c/x/2.png", "x"; "c/y/1.jpeg", "x"; "c/y/note.txt", "" ] (fun place at ->
                    match check place (DataSets.find (at "c")) with
                    | Ok lines -> Expect.stringStarts lines[0] "3 images of 2 classes, 2 to 1 a class" "counts"
                    | Error lines -> failtest $"%A{lines}"))
            testCase "a folder's files that are left aside are told, and links that lead nowhere" (fun () ->
                inFolder
                    [
                        "c/x/1.jpg", "x"
                        "c/x/2.tif", "II\042\000"
                        "c/y/.a/1.jpg", ""
                        "c/y/1.jpg", "x"
                    ]
                    (fun place at ->
                        match check place (DataSets.find (at "c")) with
                        | Ok lines ->
                            Expect.hasLength lines 3 "counts and two doubts"
                            Expect.stringStarts lines[0] "2 images of 2 classes" "counts"

                            Expect.stringContains
                                lines[1]
                                "hidden files and folders are left aside: 1, as y/.a"
                                "hidden"

                            Expect.stringContains lines[2] "not decoded are left aside: 1, as x/2.tif (TIFF)" "TIFF"
                        | Error lines -> failtest $"%A{lines}"

                        File.CreateSymbolicLink(at "c/y/2.jpg", "/none/2.jpg") |> ignore

                        match check place (DataSets.find (at "c")) with
                        | Ok lines -> failtest $"%A{lines}"
                        | Error lines ->
                            Expect.equal
                                lines
                                [ at "c" + " lacks y/2.jpg (a link to /none/2.jpg, which is not there)" ]
                                "the link"))
            testCase "images that are decoded with a warning are told, where each is tried" (fun () ->
                inFolder [ "l.txt", "1.bmp 0\n2.jpg 1\n" ] (fun place at ->
                    // Gray, 8 x 8, with bytes between its data and its end that belong to neither.
                    let sound =
                        "FFD8FFDB004300"
                        + String.replicate 64 "01"
                        + "FFC0000B080008000801011100FFC4001400"
                        + "01"
                        + String.replicate 15 "00"
                        + "00"
                        + "FFC4001410"
                        + "01"
                        + String.replicate 15 "00"
                        + "00"
                        + "FFDA0008010100003F00"

                    let bytes text =
                        System.Convert.FromHexString(text: string)

                    File.WriteAllBytes(at "1.bmp", bytes (sound + "3F" + "FFD9"))
                    File.WriteAllBytes(at "2.jpg", bytes (sound + "3F" + "0102030405060708" + "FFD9"))

                    match DataSets.check place true CancellationToken.None (DataSets.find (at "l.txt")) with
                    | Ok lines ->
                        Expect.hasLength lines 3 "counts, a total and a warning"

                        Expect.stringStarts
                            lines[1]
                            "decoded with a warning, and perhaps damaged: 1 image; look at each"
                            "total"

                        Expect.stringContains lines[2] "2.jpg: Corrupt JPEG data" "warning"
                    | Error lines -> failtest $"%A{lines}"))
            testCase "a malformed folder or list is one line and code 2" (fun () ->
                inFolder
                    [
                        "images/1.jpg", "x"
                        "parts/train/a/1.jpg", ""
                        "parts/test/a/1.jpg", ""
                        "empty/a/notes.txt", "words"
                        "hidden/.a/1.jpg", ""
                        "twice.txt", "images/1.jpg 0\nimages/1.jpg 1\n"
                        "zero.txt", "a\000b.jpg 0\n"
                        "comma.txt", "images/1.jpg,0\n"
                        "folder.txt", "images 0\n"
                        "missing.txt", "images/2.jpg 0\n"
                        "wide.txt", "i\000m\0001\000 \0000\000"
                    ]
                    (fun _ at ->
                        for name, words in
                            [
                                "images", "holds images, as 1.jpg, but no class folder"
                                "parts", "parts of a set and no classes"
                                "empty", "no image (JPEG, PNG, WebP, BMP or GIF) in a"
                                "hidden", "holds no class folder"
                                "twice.txt", "line 2 gives images/1.jpg the label 1, line 1 the label 0"
                                "zero.txt", "has a zero byte"
                                "comma.txt", "has no label"
                                "folder.txt", "lacks images (a folder)"
                                "missing.txt", "lacks images/2.jpg"
                                "wide.txt", "is UTF-16: save it as UTF-8"
                            ] do
                            let line = Seq.exactlyOne (refusal Place.here (at name))
                            Expect.stringContains line words name
                            Expect.isFalse (line.Contains '\n') $"one line of {name}"
                            Expect.equal (Program.main [| "data"; "check"; at name |]) 2 $"code of {name}"))
            testCase "the histogram has a row a class where there are few, and a bar for each" (fun () ->
                inFolder [ "l.txt", "a 0\nb 0\nc 0\nd 0\ne 1\nf 1\ng 2\n" ] (fun _ at ->
                    let lines = DataSets.show Place.here None "l.txt" (DataSets.find (at "l.txt"))
                    Expect.hasLength lines 5 "a total, three classes, and no folder for a sheet"
                    Expect.stringContains lines[4] "--data FOLDER" "how to get one"

                    Expect.equal
                        (lines[1..3] |> List.map (fun line -> line |> Seq.filter ((=) '█') |> Seq.length))
                        [ 50; 25; 12 ]
                        "in proportion"))
            testCase
                "a name that no sheet can be written under is refused before anything is read, and nothing is made"
                (fun () ->
                    inFolder [ "l.txt", "missing.jpg 0\n" ] (fun place at ->
                        Directory.CreateDirectory(at "f.png") |> ignore

                        for out, words in
                            [
                                at ".", " is a folder: give --out NAME.png"
                                at "f.png", " is a folder: give --out NAME.png"
                                at "s.jpg", ": the sheet is a PNG: name it NAME.png"
                                at "none/s.png",
                                ": there is no folder " + at "none" + ": make it, or give another --out"
                            ] do
                            refused (out + words) (fun () ->
                                DataSets.show place (Some out) "l.txt" (ListFile(at "not read.txt")))

                        Expect.equal
                            (Directory.GetFileSystemEntries(at "")
                             |> Array.map Path.GetFileName
                             |> Array.sort)
                            [| "f.png"; "l.txt" |]
                            "as it was"))
            testCase "the contact sheet has a row a class, the largest first, with its name and group" (fun () ->
                inTempFolder (fun folder ->
                    let red = Array.init (3 * 40 * 40) (fun i -> if i % 3 = 0 then 200uy else 10uy)

                    for name, count in [ "ant", 1; "bee", 30; "cat", 0 ] do
                        for i in 0 .. count - 1 do
                            PngFile.Write(Path.Combine(folder, name, $"{i:D2}.png"), red, 40, 40)

                    Directory.CreateDirectory(Path.Combine(folder, "cat")) |> ignore
                    File.WriteAllText(Path.Combine(folder, "cat", "1.png"), "none")
                    let out = Path.Combine(folder, "sheet.png")
                    let lines = DataSets.show Place.here (Some out) folder (DataSets.find folder)
                    let told = lines |> List.skipWhile (fun line -> not (line.StartsWith out))

                    Expect.equal
                        (told.Tail |> List.truncate 3)
                        [ "     30 medium  bee"; "      1 tail    ant"; "      1 tail    cat" ]
                        "rows"

                    Expect.hasLength told 5 "and one that cannot be shown"
                    Expect.stringContains told[4] "1.png is no image" "the broken one"
                    use decoder = new ImageDecoder()
                    decoder.Open out |> ignore
                    let pixels = decoder.Decode()

                    let rgb = pixels.Rgb.ToArray()
                    let width = pixels.Width
                    let at x y = Array.sub rgb (3 * (y * width + x)) 3

                    Expect.equal (at 8 50) [| 230uy; 160uy; 30uy |] "medium"
                    Expect.equal (at 770 50) [| 200uy; 10uy; 10uy |] "its eighth image"
                    Expect.equal (at 70 150) [| 200uy; 10uy; 10uy |] "the tail's only one"
                    Expect.equal (at 170 150) [| 255uy; 255uy; 255uy |] "and paper beside it"))
            testCase "a sheet has some classes of every group, in the order of their sizes" (fun () ->
                let counts =
                    [| for j in 0..99 -> int (500. * 0.01 ** (float j / 99.)) |] |> Array.rev

                let chosen = Sampled.classes counts
                Expect.hasLength chosen 12 "rows"

                Expect.equal (chosen |> Array.countBy (fst >> string)) [| "Head", 4; "Medium", 4; "Tail", 4 |] "groups"

                let sizes = chosen |> Array.map (fun (_, j) -> counts[j])
                Expect.equal sizes (Array.sortDescending sizes) "order"
                Expect.equal (sizes[0], sizes[11]) (500, 5) "from the largest to the smallest")
            testCase "what cannot be is refused in one line" (fun () ->
                inFolder [] (fun place at ->
                    refused "there is no data set mnist" (fun () -> DataSets.find "mnist")

                    refused (at "none.txt" + ": there is no such file") (fun () ->
                        check place (DataSets.find (at "none.txt")))

                    let two =
                        { place with
                            DataFolders = place.DataFolders @ [ at "other" ]
                        }

                    refused "a set is fetched into one folder" (get two None None "cifar100")
                    refused "no http address" (get place (Some "ftp://x") None "cifar100")
                    refused "32 hex digits" (get place None (Some "abc") "cifar10")
                    refused "is 4 files" (get place None (Some(String.replicate 32 "0")) "fashion-mnist")
                    refused "data check inaturalist2018" (get place None None "inaturalist2018")
                    refused "is not fetched" (get place None None (at "l.txt"))))
        ]

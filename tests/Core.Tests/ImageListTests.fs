/// Lists and folders of images, sound and malformed.
module LongTail.Tests.ImageListTests

open System
open System.IO
open Expecto
open FsCheck
open LongTail.Core
open LongTail.Core.Data
open LongTail.Tests.TempFolder

let private listed (text: string) body =
    inTempFolder (fun folder ->
        let file = Path.Combine(folder, "list.txt")
        File.WriteAllText(file, text)
        body file)

let private read text = listed text ImageList.Read

let private lines (list: ImageList) =
    [ for i in 0 .. list.Count - 1 -> list.Path i, list.Labels[i] ]

let private missingFrom (list: ImageList) folder =
    let struct (missing, _) = list.Unreadable folder
    List.ofSeq missing

[<Tests>]
let lists =
    testList
        "an image list"
        [
            testProperty "reads back what was written, in its order" (fun (labels: NonNegativeInt list) ->
                let written =
                    ("a/first 1.jpg", 3)
                    :: (labels |> List.mapi (fun i label -> $"b/é{i}.jpg", label.Get % 50))

                let text =
                    written |> List.map (fun (path, label) -> $"{path} {label}\n") |> String.Concat

                let list = read text
                let largest = written |> List.map snd |> List.max

                lines list = written
                && list.Classes = largest + 1
                && list.Counts() =
                    [|
                        for j in 0..largest -> written |> List.filter (snd >> (=) j) |> List.length
                    |])
            testCase "takes tabs, other line ends, empty lines and a missing last line end" (fun () ->
                Expect.equal
                    (lines (read "a.jpg\t0\r\n\r\n  b c.jpg   2 \n\nd.jpg 1"))
                    [ "a.jpg", 0; "b c.jpg", 2; "d.jpg", 1 ]
                    "lines")
            testCase "may end its lines as the first Macs did, which are counted as others are" (fun () ->
                Expect.equal
                    (lines (read "a.jpg 0\rb c.jpg 1\r\rd.jpg 1\r"))
                    [ "a.jpg", 0; "b c.jpg", 1; "d.jpg", 1 ]
                    "lines"

                for text in
                    [
                        "a.jpg 0\r\rb.jpg one\r"
                        "a.jpg 0\r\n\r\nb.jpg one\r\n"
                        "a.jpg 0\n\nb.jpg one"
                    ] do
                    Expect.stringContains (inputError (fun () -> read text)) ": line 3 has the label 'one'" "number")
            testCase "that is UTF-16 is told so, with its mark or without" (fun () ->
                for big in [ false; true ] do
                    for mark in [ true; false ] do
                        for text in [ "a/1.jpg 0\na/2.jpg 1\n"; "é/1.jpg 0\r\n" ] do
                            inTempFolder (fun folder ->
                                let file = Path.Combine(folder, "list.txt")
                                File.WriteAllText(file, text, Text.UnicodeEncoding(big, mark))

                                Expect.equal
                                    (inputError (fun () -> ImageList.Read file))
                                    $"{file} is UTF-16: save it as UTF-8"
                                    $"%A{(big, mark, text)}"))
            testTheory
                "tells why nothing can be learnt from it"
                [
                    "a 0\nb 1\n", None
                    "a 1\nb 0\nc 1\n", None
                    "a 0\nb 0\n",
                    Some "has one class: there is nothing to tell apart; give images of two classes or more"
                    "a 2\n\nb 1\nc 3\n", Some "has labels that begin at 1 (line 3): number the classes from 0"
                    "a 7\n", Some "has labels that begin at 7 (line 1): number the classes from 0"
                    "a 0\nb 3\nc 4\nd 4\n",
                    Some
                        "has no image of class 1, 2, and its labels go to 4 (line 3): number the classes from 0, and give each an image to learn from"
                    "a 2\nb 4\n",
                    Some
                        "has no image of class 0, 1, 3, and its labels go to 4 (line 2): number the classes from 0, and give each an image to learn from"
                ]
                (fun (text, words) -> Expect.equal (Option.ofObj (read text).Unlearnable) words text)
            testCase "may begin with an editor's mark" (fun () ->
                Expect.equal (lines (read "\uFEFFa.jpg 0\nb.jpg 1\n")) [ "a.jpg", 0; "b.jpg", 1 ] "lines")
            testList
                "that is malformed is refused in one line with the place"
                [
                    for text, words in
                        [
                            "", "names no image"
                            "\n \n", "names no image"
                            "a.jpg\n", "line 1 has no label"
                            "a.jpg 0\nb.jpg one\n", "line 2 has the label 'one'"
                            "a.jpg -1\n", "line 1 has the label '-1'"
                            "a.jpg 0.5\n", "line 1 has the label '0.5'"
                            "a.jpg 99999999999\n", "line 1 has the label '99999999999'"
                            "a.jpg 1000001\n", "line 1 has the label '1000001'"
                            "a.jpg 0\nb.jpg 1\na.jpg 1\n", "line 3 gives a.jpg the label 1, line 1 the label 0"
                            "a.jpg 0\n./x/..//a.jpg 1\n", "line 2 gives ./x/..//a.jpg the label 1"
                            "a.jpg,0\n", "line 1 has no label"
                            "a\000.jpg 0\n", "line 1 has a zero byte"
                            "7\n", "line 1 has no label"
                            String.replicate 9 "a.jpg x\n", "and 4 more"
                        ] do
                        testCase $"%A{text[.. min 30 (text.Length - 1)]}" (fun () ->
                            listed text (fun file ->
                                let message = inputError (fun () -> ImageList.Read file)
                                Expect.stringContains message words "words"
                                Expect.stringContains message file "file"
                                Expect.isFalse (message.Contains '\n') "one line"))
                ]
            testCase "may name a path twice, which is told, and absolute paths" (fun () ->
                let list = read "/data/a.jpg 0\nb.jpg 1\n/data/a.jpg 0\n../c.jpg 1\n"

                Expect.equal (lines list) [ "/data/a.jpg", 0; "b.jpg", 1; "/data/a.jpg", 0; "../c.jpg", 1 ] "lines"

                Expect.stringContains
                    (string (Seq.exactlyOne list.Doubts))
                    "lines that name an image again, which counts so often: 1, as /data/a.jpg (lines 1 and 3)"
                    "told")
            testCase "may lead out of its folder, where a file of the same name is another one" (fun () ->
                let list = read "a.jpg 0\n../a.jpg 1\n../../a.jpg 1\n/a.jpg 0\n"
                Expect.equal (list.Counts()) [| 2; 2 |] "four files"
                Expect.isEmpty list.Doubts "none again"

                for again in [ "b/../a.jpg"; "./a.jpg"; "b/c/../..//a.jpg" ] do
                    Expect.stringContains
                        (inputError (fun () -> read $"a.jpg 0\n{again} 1\n"))
                        $"line 2 gives {again} the label 1, line 1 the label 0"
                        "one file")
            testCase "may name no file that is no image, wherever it lies" (fun () ->
                inTempFolder (fun folder ->
                    let images = Directory.CreateDirectory(Path.Combine(folder, "a/b")).FullName

                    let write name (bytes: byte array) =
                        File.WriteAllBytes(Path.Combine(images, name), bytes)

                    write "1" "GIF89a\001\000\001\000"B
                    write "../../passwd" "root:x:0:0"B
                    write "2.tif" "II\042\000\008\000\000\000"B
                    write "3.jpg" "looked at when it is decoded"B
                    let file = Path.Combine(images, "list.txt")

                    let open' () =
                        LongTail.Core.Images.FileImages(ImageList.Read file, images)

                    File.WriteAllText(file, "1 0\n3.jpg 1\n")
                    Expect.equal (open' ()).Count 2 "images by their first bytes or their names"
                    File.WriteAllText(file, "1 0\n../../passwd 1\n2.tif 1\n3.jpg 0\n")

                    Expect.equal
                        (inputError open')
                        $"2 of 4 files of {file} are no images (JPEG, PNG, WebP, BMP or GIF): ../../passwd, 2.tif: take them out of the list, or convert them"
                        "in one line"))
            testCase "that is not text is refused" (fun () ->
                inTempFolder (fun folder ->
                    let file = Path.Combine(folder, "list.txt")
                    File.WriteAllBytes(file, [| 0xFFuy; 0xFFuy; byte ' '; byte '0'; byte '\n' |])
                    Expect.stringContains (inputError (fun () -> ImageList.Read file)) "not UTF-8" "words"))
            testCase "that is not there is refused" (fun () ->
                Expect.equal
                    (inputError (fun () -> ImageList.Read "none.txt"))
                    "none.txt: there is no such file"
                    "in our words"

                inTempFolder (fun folder ->
                    Expect.equal
                        (inputError (fun () -> ImageList.Read folder))
                        $"{folder} is a folder: give a list file"
                        "a folder"))
        ]

let private gif = "GIF89a\001\000\001\000"B
let private tiff = "II\042\000\008\000\000\000"B

/// A folder with these files, each with its bytes.
let private holding (files: (string * byte[]) list) body =
    inTempFolder (fun folder ->
        for path, bytes in files do
            let file = Path.Combine(folder, path)
            Directory.CreateDirectory(string (Path.GetDirectoryName file)) |> ignore
            File.WriteAllBytes(file, bytes)

        body folder)

let private link folder (name: string) (target: string) =
    Directory.CreateSymbolicLink(Path.Combine(folder, name), target) |> ignore

let private ofFolders folder =
    let struct (list, names) = ImageList.OfFolders(folder, null)
    list, List.ofArray names

/// .NET can neither make nor remove a name that is not UTF-8.
let private shell (command: string) folder =
    let start =
        Diagnostics.ProcessStartInfo("sh", [ "-c"; $"cd '{folder}' && {command}" ])

    use made = Diagnostics.Process.Start start |> nonNull
    made.WaitForExit()
    Expect.equal made.ExitCode 0 "made"

[<Tests>]
let folders =
    testList
        "a folder of class folders"
        [
            let told name files spoil images (words: string list) =
                testCase name (fun () ->
                    holding files (fun folder ->
                        spoil folder
                        let list, _ = ofFolders folder
                        Expect.equal (lines list) images "images"
                        Expect.hasLength list.Doubts words.Length "doubts"

                        shell "rm -f ant/*.jpg" folder

                        for doubt, words in Seq.zip list.Doubts words do
                            Expect.stringContains (string doubt) words "told"
                            Expect.stringStarts (string doubt) folder "where"))

            let two = [ "ant/1.jpg", [||]; "bee/1.jpg", [||] ]
            let asTwo = [ "ant/1.jpg", 0; "bee/1.jpg", 1 ]

            told
                "is a list in the order of its names, and knows files by their endings or else by their bytes"
                [
                    for name in [ "2.jpg"; "10.JPG"; "3.jfif"; "4.webp"; "5.bmp"; "6.GIF"; "7.jpeg" ] do
                        "cat/" + name, [||]
                    "ant/x/1.PNG", [||]
                    "ant/unnamed", gif
                    "ant/wrong.txt", gif
                ]
                ignore
                [
                    "ant/unnamed", 0
                    "ant/wrong.txt", 0
                    "ant/x/1.PNG", 0
                    for name in [ "10.JPG"; "2.jpg"; "3.jfif"; "4.webp"; "5.bmp"; "6.GIF"; "7.jpeg" ] do
                        "cat/" + name, 1
                ]
                []

            told
                "names and counts what it leaves aside"
                [
                    yield! two
                    "ant/a.tif", tiff
                    "bee/photo", "\000\000\000\024ftypheic"B
                    "bee/notes.txt", "words"B
                    "bee/empty", [||]
                ]
                ignore
                asTwo
                [
                    "files that are no images are left aside: 2, as bee/empty, bee/notes.txt"
                    "images of formats that are not decoded are left aside: 2, as ant/a.tif (TIFF), bee/photo (HEIF or AVIF)"
                ]

            told
                "takes no hidden folder for a class, nor what systems leave behind for an image"
                [
                    yield! two
                    ".ipynb_checkpoints/1.jpg", gif
                    "ant/.ipynb_checkpoints/1.jpg", gif
                    "ant/._1.jpg", gif
                    "__MACOSX/ant/1.jpg", gif
                    "bee/Thumbs.db", gif
                    ".DS_Store", [||]
                ]
                ignore
                asTwo
                [
                    "hidden files and folders are left aside: 6, as .DS_Store, .ipynb_checkpoints, __MACOSX and 3 more"
                ]

            told
                "follows links, but not to a folder that they lie in"
                [ yield! two; "elsewhere/deep/9.png", [||] ]
                (fun folder ->
                    Directory.CreateDirectory(Path.Combine(folder, "bee/sub")) |> ignore
                    link folder "ant/up" ".."
                    link folder "ant/self" "."
                    link folder "bee/sub/both" (Path.Combine(folder, "bee"))
                    link folder "cat" (Path.Combine(folder, "elsewhere/deep"))
                    // A pair of links, each into the other's folder.
                    link folder "elsewhere/deep/ant" (Path.Combine(folder, "ant"))
                    link folder "ant/deep" (Path.Combine(folder, "elsewhere/deep")))
                [
                    "ant/1.jpg", 0
                    "ant/deep/9.png", 0
                    "bee/1.jpg", 1
                    "cat/9.png", 2
                    "cat/ant/1.jpg", 2
                    "elsewhere/deep/9.png", 3
                    "elsewhere/deep/ant/1.jpg", 3
                ]
                [ "links to a folder that they lie in are left aside: " ]

            told
                "leaves files aside whose names are not UTF-8"
                two
                (shell """touch "$(printf 'ant/\351.jpg')" """)
                asTwo
                [ "names that are not UTF-8 are left aside: 1" ]

            told
                "tells images that lie beside the classes"
                [ yield! two; "0.jpg", [||] ]
                ignore
                asTwo
                [ "images beside the class folders are left aside: 1, as 0.jpg" ]

            told
                "tells classes whose names differ in case or blanks alone"
                [ yield! two; "Ant /1.jpg", [||] ]
                ignore
                [ "Ant /1.jpg", 0; "ant/1.jpg", 1; "bee/1.jpg", 2 ]
                [ "the class folders 'Ant ' and 'ant' differ in case or blanks alone" ]

            let refused name files spoil words =
                testCase name (fun () ->
                    holding files (fun folder ->
                        spoil folder
                        let message = inputError (fun () -> ofFolders folder)
                        shell "rm -rf *" folder
                        Expect.stringContains message words "words"
                        Expect.stringContains message folder "where"
                        Expect.isFalse (message.Contains '\n') "one line"))

            refused "without a class is refused" [] ignore "holds no class folder"

            refused "with nothing but hidden folders is refused" [ ".a/1.jpg", [||] ] ignore "holds no class folder"

            refused "with an empty class is refused" [ yield! two; "cat/notes.txt", "words"B ] ignore "in cat"

            refused
                "with images alone is refused"
                [ "1.jpg", [||]; "2.jpg", [||] ]
                ignore
                "holds images, as 1.jpg, but no class folder"

            refused
                "of a set's parts is refused"
                [ "train/a/1.jpg", [||]; "val/a/1.jpg", [||] ]
                ignore
                "holds train and val, which are parts of a set and no classes"

            refused
                "with a class whose name is not UTF-8 is refused"
                two
                (shell """mkdir "$(printf 'caf\351')" """)
                "is not UTF-8: rename it"

            testCase "that is a file is refused" (fun () ->
                holding [ "a.zip", [||] ] (fun folder ->
                    let file = Path.Combine(folder, "a.zip")
                    Expect.stringStarts (inputError (fun () -> ofFolders file)) $"{file} is a file" "words"))

            testCase "to judge by may lack a class, and has no other than are learnt" (fun () ->
                holding [ "bee/1.jpg", [||]; "cat/notes.txt", "words"B ] (fun folder ->
                    let struct (list, names) = ImageList.OfFolders(folder, [ "ant"; "bee"; "cat" ])

                    Expect.equal names [| "ant"; "bee"; "cat" |] "classes"
                    Expect.equal (lines list) [ "bee/1.jpg", 1 ] "images"
                    Expect.equal (list.Counts()) [| 0; 1; 0 |] "counts"

                    Expect.stringContains
                        (inputError (fun () -> ImageList.OfFolders(folder, [ "ant" ])))
                        "class folders that nothing is learnt of: bee"
                        "words"))

            testCase "names links that lead nowhere, and pipes and folders that are called images" (fun () ->
                holding two (fun folder ->
                    File.CreateSymbolicLink(Path.Combine(folder, "ant/2.jpg"), "../.git/annex/2")
                    |> ignore

                    File.CreateSymbolicLink(Path.Combine(folder, "ant/3.jpg"), "3.jpg") |> ignore
                    File.CreateSymbolicLink(Path.Combine(folder, "ant/4.jpg"), "1.jpg") |> ignore
                    let list, _ = ofFolders folder

                    Expect.equal
                        (missingFrom list folder)
                        [
                            "ant/2.jpg (a link to ../.git/annex/2, which is not there)"
                            "ant/3.jpg (a link to 3.jpg, which is not there)"
                        ]
                        "missing"

                    let list = listed "ant 0\nant/4.jpg 1\n" ImageList.Read
                    Expect.equal (missingFrom list folder) [ "ant (a folder)" ] "a folder"))
        ]

[<Tests>]
let order =
    testList
        "the order of classes"
        [
            testProperty "falls by count, keeps ties, and is a permutation" (fun (counts: NonNegativeInt list) ->
                let counts = counts |> List.map (fun n -> n.Get % 5) |> Array.ofList
                let order = ClassOrder counts
                let original = List.ofSeq order.Original
                let keys = original |> List.map (fun label -> -counts[label], label)

                keys = List.sort keys
                && List.sort original = [ 0 .. counts.Length - 1 ]
                && original |> List.indexed |> List.forall (fun (i, label) -> order[label] = i))
        ]

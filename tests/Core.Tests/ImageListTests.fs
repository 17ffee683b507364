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
                            "/etc/passwd 0\n", "line 1 leads out of the images' folder"
                            "a/../../b.jpg 0\n", "line 1 leads out of the images' folder"
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
            testCase "that is not text is refused" (fun () ->
                inTempFolder (fun folder ->
                    let file = Path.Combine(folder, "list.txt")
                    File.WriteAllBytes(file, [| 0xFFuy; 0xFEuy; byte ' '; byte '0'; byte '\n' |])
                    Expect.stringContains (inputError (fun () -> ImageList.Read file)) "not UTF-8" "words"))
            testCase "that is not there is refused" (fun () ->
                Expect.stringContains (inputError (fun () -> ImageList.Read "none.txt")) "none.txt" "file")
        ]

[<Tests>]
let folders =
    testList
        "a folder of class folders"
        [
            testCase "is a list in the order of its names" (fun () ->
                inTempFolder (fun folder ->
                    for path in [ "cat/2.jpg"; "cat/10.jpg"; "ant/x/1.PNG"; "ant/notes.txt" ] do
                        let file = Path.Combine(folder, path)
                        Directory.CreateDirectory(string (Path.GetDirectoryName file)) |> ignore
                        File.WriteAllText(file, "")

                    let struct (list, names) = ImageList.OfFolders folder
                    Expect.equal names [| "ant"; "cat" |] "classes"
                    Expect.equal (lines list) [ "ant/x/1.PNG", 0; "cat/10.jpg", 1; "cat/2.jpg", 1 ] "images"))
            testCase "without a class, or with an empty one, is refused" (fun () ->
                inTempFolder (fun folder ->
                    let message () =
                        inputError (fun () -> ImageList.OfFolders folder)

                    Expect.stringContains (message ()) "holds no class folder" "none"
                    Directory.CreateDirectory(Path.Combine(folder, "ant")) |> ignore
                    Expect.stringContains (message ()) "in ant" "empty"))
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

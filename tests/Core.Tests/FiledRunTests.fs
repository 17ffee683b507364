/// Data sets whose images are files, and whole small runs on them.
module LongTail.Tests.FiledRunTests

open System
open System.IO
open System.Threading
open TorchSharp
open Expecto
open LongTail.Core.Data
open LongTail.Core.Settings
open LongTail.Core.Training
open LongTail.Tests.ImageFiles
open LongTail.Tests.SmallRuns
open LongTail.Tests.TempFolder
open LongTail.Tests.Tensors

/// Training images of the classes as they are numbered in the lists: the second is the largest.
let private counts = [ 4; 12; 8 ]

let private tests = 3

/// A small picture in its class's colour.
let private picture label i =
    let random = Random(100 * label + i)
    let width, height = 20 + random.Next 12, 20 + random.Next 12

    let pixels =
        Array.init (3 * width * height) (fun k -> byte (60 * label + 40 * (k % 3) + random.Next 40))

    jpeg Colour 0 width height pixels

let private write (path: string) (bytes: byte[]) =
    Directory.CreateDirectory(string (Path.GetDirectoryName path)) |> ignore
    File.WriteAllBytes(path, bytes)

/// Two lists and two folders of class folders, over the same images.
let private inImages body =
    inTempFolder (fun folder ->
        let part name counts first =
            let images =
                [
                    for label, count in List.indexed counts do
                        for i in 0 .. count - 1 -> $"{name}/c{label}/{i:D2}.jpg", label, first + i
                ]

            for path, label, i in images do
                write (Path.Combine(folder, path)) (picture label i)

            let list = Path.Combine(folder, $"{name}.txt")
            File.WriteAllLines(list, [ for path, label, _ in images -> $"{path} {label}" ])
            list

        let lists =
            ListedImages(part "train" counts 0, part "test" [ for _ in counts -> tests ] 50)

        let folders =
            ClassFolders(Path.Combine(folder, "train"), Path.Combine(folder, "test"))

        body folder lists folders)

let private place folder name =
    RunPlace("cpu", folder, Path.Combine(folder, name))

/// Of the lists: what makes a square of them, and then crops and flips.
let private input =
    InputSettings(
        [| RandomResizedCrop(16, 0.3, 4. / 3.); RandomFlip() |],
        [| ResizeShort 18; CentreCrop 16 |],
        Rgb(0.5, 0.5, 0.5),
        Rgb(0.5, 0.5, 0.5)
    )

let private data source factor broken packed =
    DataSettings(
        source,
        ImbalanceProfile.Exponential,
        factor,
        Nullable(),
        Nullable(),
        0u,
        broken,
        Option.toNullable packed,
        ""
    )

let private sound source = data source 1. BrokenImages.Fail None

let private load data folder =
    DataSet.Load(data, input, 5L, RunPlace("cpu", folder, null))

let private runOf data =
    let s = settings plain
    RunSettings(data, input, s.Model, s.Loss, s.Optimizer, s.Schedule, s.Evaluation, 8, 3L)

let private trained data place =
    Trainer.Run(runOf data, place, ignore, CancellationToken.None)

let private labels (split: Split) =
    split.Labels.data<int64>().ToArray() |> List.ofArray

let private stopped data place steps =
    stopSettingsAfter steps (runOf data) place

/// With the user's cache in a folder of the test's.
let private inCache folder body =
    let name = "XDG_CACHE_HOME"
    let before = Environment.GetEnvironmentVariable name
    Environment.SetEnvironmentVariable(name, folder)

    try
        body ()
    finally
        Environment.SetEnvironmentVariable(name, before)

let private breakImage folder =
    let file = Path.Combine(folder, "train/c1/03.jpg")
    File.WriteAllBytes(file, (File.ReadAllBytes file)[..40])

let private sets =
    testList
        "a set of files"
        [
            testCase
                "a class is called by its class folder, however deep its images lie, and by its label where no folder tells"
                (fun () ->
                    inImages (fun folder lists folders ->
                        for part in [ "train"; "test" ] do
                            let c1 = Path.Combine(folder, part, "c1")
                            let moved = Path.Combine(folder, part, "moved")
                            Directory.Move(c1, moved)
                            Directory.CreateDirectory c1 |> ignore
                            Directory.Move(moved, Path.Combine(c1, "deep"))

                        use data = load (sound folders) folder
                        Expect.equal (List.ofSeq data.ClassNames) [ "c1"; "c2"; "c0" ] "of folders"

                        // All images of a list in one folder.
                        for file in [ lists.Train; lists.Test ] do
                            let flat = Path.Combine(folder, "flat")
                            Directory.CreateDirectory flat |> ignore

                            let lines =
                                [
                                    for line in File.ReadAllLines file do
                                        let path, label = (line.Split ' ')[0], (line.Split ' ')[1]
                                        let name = path.Replace('/', '-')
                                        let from = Path.Combine(folder, path.Replace("c1/", "c1/deep/"))
                                        File.Copy(from, Path.Combine(flat, name))
                                        $"flat/{name} {label}"
                                ]

                            File.WriteAllLines(file, lines)

                        use data = load (sound lists) folder
                        Expect.equal (List.ofSeq data.ClassNames) [ "class 1"; "class 2"; "class 0" ] "of lists"))
            for name, pick in
                [
                    "lists", (fun lists _ -> lists :> DataSource)
                    "folders", (fun _ folders -> folders)
                ] do
                testCase $"from {name} has its classes by falling count, to learn from and to judge by" (fun () ->
                    inImages (fun folder lists folders ->
                        use data = load (sound (pick lists folders)) folder
                        Expect.equal (List.ofSeq data.ClassCounts) [ 12; 8; 4 ] "counts"
                        Expect.equal (List.ofSeq data.ClassNames) [ "c1"; "c2"; "c0" ] "names"
                        Expect.equal (List.ofSeq data.ClassLabels) [ 1; 2; 0 ] "as the set numbers them"

                        Expect.equal
                            (labels data.Train)
                            (List.replicate 12 0L @ List.replicate 8 1L @ List.replicate 4 2L)
                            "training classes, one after the other"

                        // In file order: class 0 of the lists is the rarest.
                        Expect.equal
                            (labels data.Test)
                            (List.collect (List.replicate tests) [ 2L; 0L; 1L ])
                            "test classes"

                        let facts = DataFacts.Of(pick lists folders, folder)

                        Expect.equal
                            (List.ofSeq facts.Train, List.ofSeq facts.Test)
                            ([ 12; 8; 4 ], [ 3; 3; 3 ])
                            "facts"))
            testCase "is cut to a tail, class by class, and its images stay with their classes" (fun () ->
                inImages (fun folder lists _ ->
                    use data = load (data lists 6. BrokenImages.Fail None) folder
                    Expect.equal (List.ofSeq data.ClassCounts) [ 12; 4; 2 ] "counts"
                    let orders = [ LongTail.Core.Images.BatchOrder(0L, [| 0..17 |]) ]
                    use images = Seq.exactlyOne (data.Train.Judge orders)

                    // The classes' colours differ by 60 in the mean.
                    let reds =
                        images
                            .select(1L, 0L)
                            .flatten(1L)
                            .``to``(torch.ScalarType.Float32)
                            .mean([| 1L |])
                            .data<float32>()
                            .ToArray()

                    for red, label in Seq.zip reds (labels data.Train) do
                        let inList = [| 1; 2; 0 |][int label]

                        Expect.floatClose
                            { absolute = 10.; relative = 0. }
                            (float red)
                            (float (60 * inList + 20))
                            "colour"))
            testCase
                "is named by its images' order, bytes and classes, and not by where and when they were written"
                (fun () ->
                    inImages (fun folder lists folders ->
                        let hash source (folder: string | null) =
                            DataFacts.Of(source, folder).ContentHash

                        let before = hash lists folder
                        let file = Path.Combine(folder, "train/c0/01.jpg")
                        let bytes = File.ReadAllBytes file
                        Expect.equal (hash folders folder) before "of the same images in folders"

                        inTempFolder (fun copy ->
                            for path in Directory.GetFiles(folder, "*", SearchOption.AllDirectories) do
                                write
                                    (Path.Combine(copy, Path.GetRelativePath(folder, path)))
                                    (File.ReadAllBytes path)

                            Expect.equal (hash lists copy) before "of a copy"

                            let absolute (list: string) =
                                let made = list + ".absolute"

                                File.WriteAllLines(
                                    made,
                                    File.ReadAllLines list |> Array.map (fun line -> $"{copy}/{line}")
                                )

                                made

                            Expect.equal
                                (hash (ListedImages(absolute lists.Train, absolute lists.Test)) null)
                                before
                                "of absolute paths")

                        let changed (at: int) =
                            let other = Array.copy bytes
                            other[at] <- other[at] ^^^ 1uy
                            File.WriteAllBytes(file, other)
                            hash lists folder

                        for at in [ 0; bytes.Length / 2; bytes.Length - 1 ] do
                            Expect.notEqual (changed at) before $"byte {at} of {bytes.Length}"

                        File.WriteAllBytes(file, bytes)
                        File.SetLastWriteTimeUtc(file, DateTime(2001, 2, 3))
                        Expect.equal (hash lists folder) before "as it was, at another time"
                        File.AppendAllText(file, "more")
                        let longer = hash lists folder
                        Expect.notEqual longer before "a file's length"
                        let text = File.ReadAllText lists.Test
                        File.WriteAllText(lists.Test, text.Replace("c0/00.jpg 0", "c0/00.jpg 1"))
                        Expect.notEqual (hash lists folder) longer "a class"))
            testCase "remembers what it read of files, until they are written to" (fun () ->
                inImages (fun folder lists _ ->
                    inCache folder (fun () ->
                        let hash () = DataFacts.Of(lists, folder).ContentHash

                        let kept () =
                            Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
                            |> Array.filter _.Contains("/samples/")

                        let file = Path.Combine(folder, "train/c0/01.jpg")
                        hash () |> ignore
                        Expect.isEmpty (kept ()) "nothing of files that are written just now"
                        let ago = DateTime(2001, 2, 3)

                        for path in Directory.GetFiles(folder, "*.jpg", SearchOption.AllDirectories) do
                            File.SetLastWriteTimeUtc(path, ago)

                        let before = hash ()
                        Expect.hasLength (kept ()) 2 "of both parts"
                        Expect.equal (hash ()) before "again"
                        let bytes = File.ReadAllBytes file
                        bytes[bytes.Length / 2] <- bytes[bytes.Length / 2] ^^^ 1uy
                        File.WriteAllBytes(file, bytes)
                        Expect.notEqual (hash ()) before "exchanged at equal length"

                        for path in kept () do
                            File.WriteAllText(path, "damaged")

                        File.SetLastWriteTimeUtc(file, ago)
                        Expect.notEqual (hash ()) before "a damaged memory is not believed")))
            testList
                "tells before a run"
                [
                    let told name spoil words =
                        testCase name (fun () ->
                            inImages (fun folder lists folders ->
                                let source: DataSource = spoil folder lists folders
                                let doubts = DataFacts.Of(source, folder).Doubts |> Seq.map string |> List.ofSeq
                                Expect.hasLength doubts (List.length words) $"%A{doubts}"

                                for doubt, words in List.zip doubts words do
                                    Expect.stringContains doubt words "words"))

                    told "nothing where all is well" (fun _ lists _ -> lists) []

                    told
                        "an image that is to be learnt and to judge by"
                        (fun _ lists _ ->
                            File.AppendAllText(lists.Test, "train/c1/03.jpg 1\n")
                            lists)
                        [
                            "images that are to learn from too, by their length and sampled bytes: 1 of 10, as train/c1/03.jpg"
                        ]

                    told
                        "a copy of an image to learn from under another name"
                        (fun folder _ folders ->
                            File.Copy(Path.Combine(folder, "train/c1/03.jpg"), Path.Combine(folder, "test/c1/z.jpg"))
                            folders)
                        [
                            "images that are to learn from too, by their length and sampled bytes: 1 of 10, as c1/z.jpg is c1/03.jpg"
                        ]

                    told
                        "an image in two classes"
                        (fun folder _ folders ->
                            File.Copy(Path.Combine(folder, "train/c1/03.jpg"), Path.Combine(folder, "train/c2/z.jpg"))
                            folders)
                        [
                            "images that stand in two classes, by their length and sampled bytes: 1, as c2/z.jpg is c1/03.jpg"
                        ]

                    told
                        "a class that is not judged"
                        (fun folder _ folders ->
                            Directory.Delete(Path.Combine(folder, "test/c2"), true)
                            folders)
                        [ "classes that are learnt and have no image here: 1, as c2" ]
                ]
            testCase "knows the files that hold nothing, in lists and in folders" (fun () ->
                inImages (fun folder lists folders ->
                    for name in [ "train/c0/01.jpg"; "test/c2/00.jpg" ] do
                        write (Path.Combine(folder, name)) [||]

                    for source in [ lists :> DataSource; folders ] do
                        let facts = DataFacts.Of(source, folder)
                        let at name = [ Path.Combine(folder, name) ]
                        Expect.equal (List.ofSeq facts.EmptyToLearn) (at "train/c0/01.jpg") "to learn from"
                        Expect.equal (List.ofSeq facts.EmptyToJudge) (at "test/c2/00.jpg") "to judge by"))
            testCase "names all files that are not there at once" (fun () ->
                inImages (fun folder lists _ ->
                    File.Delete(Path.Combine(folder, "train/c0/01.jpg"))
                    File.Delete(Path.Combine(folder, "test/c2/00.jpg"))
                    let message = inputError (fun () -> DataFacts.Of(lists, folder))

                    for words in [ "train/c0/01.jpg"; "test/c2/00.jpg" ] do
                        Expect.stringContains message words "file"

                    Expect.isFalse (message.Contains '\n') "one line"))
            testList
                "that does not fit together is refused in one line"
                [
                    let refused name spoil words =
                        testCase name (fun () ->
                            inImages (fun folder lists folders ->
                                let source: DataSource = spoil folder lists folders
                                let message = inputError (fun () -> DataFacts.Of(source, folder))
                                Expect.stringContains message words "words"
                                Expect.isFalse (message.Contains '\n') "one line"))

                    let appended (file: string) line : DataSource -> DataSource =
                        fun source ->
                            File.AppendAllText(file, line + "\n")
                            source

                    refused
                        "a class to judge that nothing is learnt of"
                        (fun _ lists _ -> appended lists.Test "train/c0/00.jpg 3" lists)
                        "test.txt has the label 3 (line 10), and "

                    refused
                        "a list to judge by that counts its classes from 1"
                        (fun _ lists _ ->
                            [ for i in 0..2 -> $"test/c{i}/00.jpg {i + 1}" ]
                            |> fun lines -> File.WriteAllLines(lists.Test, lines)

                            lists)
                        "train.txt has no image of class 3: number the classes of both lists from 0 in one way, and give each an image to learn from"

                    refused
                        "a folder of one class"
                        (fun folder _ folders ->
                            for part in [ "train"; "test" ] do
                                for other in [ "c1"; "c2" ] do
                                    Directory.Delete(Path.Combine(folder, part, other), true)

                            folders)
                        "train has one class: there is nothing to tell apart; give images of two classes or more"

                    refused
                        "lists of one class"
                        (fun _ lists _ ->
                            File.WriteAllText(lists.Train, "train/c0/00.jpg 0\n")
                            File.WriteAllText(lists.Test, "test/c0/00.jpg 0\n")
                            lists)
                        "train.txt has one class"

                    refused
                        "a number between the classes that none has"
                        (fun _ lists _ -> appended lists.Train "test/c0/00.jpg 7" lists)
                        "has no image of class 3"

                    refused
                        "a list that is to learn from and to judge by"
                        (fun _ lists _ -> ListedImages(lists.Train, lists.Train))
                        "are the same 24 images: judge by images that nothing is learnt from"

                    refused
                        "a copy of the folder to learn from"
                        (fun folder _ folders ->
                            for path in Directory.GetFiles(folders.Train, "*", SearchOption.AllDirectories) do
                                write
                                    (Path.Combine(folder, "copy", Path.GetRelativePath(folders.Train, path)))
                                    (File.ReadAllBytes path)

                            ClassFolders(folders.Train, Path.Combine(folder, "copy")))
                        "are the same 24 images"

                    refused
                        "a folder of links that lead nowhere"
                        (fun folder _ folders ->
                            File.CreateSymbolicLink(Path.Combine(folder, "train/c0/z.jpg"), "/none/z")
                            |> ignore

                            folders)
                        "c0/z.jpg (a link to /none/z, which is not there): bring the files that these links lead to, or remove the links from the class folders"

                    refused
                        "class folders of different names"
                        (fun folder _ folders ->
                            Directory.Move(Path.Combine(folder, "test/c0"), Path.Combine(folder, "test/d0"))
                            folders)
                        "holds class folders that nothing is learnt of: d0"

                    refused
                        "lists that are not the published ones"
                        (fun folder lists _ ->
                            File.Move(lists.Train, Path.Combine(folder, "Places_LT_train.txt"))
                            File.Move(lists.Test, Path.Combine(folder, "Places_LT_test.txt"))
                            PublishedImages ImageSet.PlacesLt)
                        "has 24 images, the published one 62500"

                    refused
                        "a published set that is not there"
                        (fun _ _ _ -> PublishedImages ImageSet.INaturalist2018)
                        "iNaturalist18_train.txt"
                ]
            testCase "needs a pipeline that begins with a square" (fun () ->
                inImages (fun folder lists _ ->
                    let input = inputOf [ RandomFlip() ] 16 (Rgb()) (Rgb(1., 1., 1.))

                    let message =
                        inputError (fun () -> DataSet.Load(sound lists, input, 0L, RunPlace("cpu", folder, null)))

                    Expect.stringContains message "randomResizedCrop" "words"))
        ]

let private runs =
    testList
        "a run on files"
        [
            testCase "that is stopped in an epoch ends with the same bits" (fun () ->
                inImages (fun folder lists _ ->
                    let whole, parts = place folder "whole", place folder "parts"
                    let undisturbed = trained (sound lists) whole
                    // Of three steps an epoch: within the first, and between the second and the third.
                    stopped (sound lists) parts 2
                    stopped (sound lists) parts 4
                    Expect.equal (numbersOf (trained (sound lists) parts)) (numbersOf undisturbed) "numbers"
                    sameCheckpoints parts whole))
            testCase "learns the same from folders as from lists" (fun () ->
                inImages (fun folder lists folders ->
                    let ofLists = trained (sound lists) (place folder "lists")
                    let ofFolders = trained (sound folders) (place folder "folders")
                    Expect.equal (numbersOf ofFolders) (numbersOf ofLists) "numbers"
                    Order.isGreaterThan ofLists.Accuracy 0.5 "the colours are learnt"))
            testCase "is judged by the classes that the test folder has" (fun () ->
                inImages (fun folder _ folders ->
                    Directory.Delete(Path.Combine(folder, "test/c2"), true)
                    let found = trained (sound folders) (place folder "run")
                    Expect.isTrue (Double.IsFinite found.Accuracy) "a number"

                    Expect.equal
                        [ for accuracy in found.ClassAccuracy -> accuracy.HasValue ]
                        [ true; false; true ]
                        "classes by falling count"))
            testCase "fails on a broken image by its name, where that is not passed over" (fun () ->
                inImages (fun folder lists folders ->
                    breakImage folder

                    for source, remedy in
                        [
                            lists :> DataSource, "take it off the list"
                            folders, "remove it from its class folder"
                        ] do
                        let message = inputError (fun () -> trained (sound source) (place folder "run"))
                        Expect.stringContains message "train/c1/03.jpg" "file"
                        Expect.stringEnds message $": replace the file, or {remedy}" "where it can be left out"))
            // Four epochs of three steps: in the last one, and behind it, where what goes on only judges.
            for name, steps in
                [
                    "passes a broken image over and counts it once, also when it is stopped", 11
                    "that has met a broken image for the last time still counts it", 12
                ] do
                testCase name (fun () ->
                    inImages (fun folder lists _ ->
                        breakImage folder
                        let skipping = data lists 1. BrokenImages.Skip None
                        let place = place folder "run"
                        stopped skipping place steps
                        let found = trained skipping place
                        Expect.hasLength (List.ofSeq found.BrokenImages) 1 "broken images"
                        Expect.stringContains found.BrokenImages[0] "train/c1/03.jpg" "file"))
            testCase "is not judged by other images than the test set's" (fun () ->
                inImages (fun folder lists _ ->
                    let file = Path.Combine(folder, "test/c1/00.jpg")
                    File.WriteAllText(file, "no image")

                    inCache folder (fun () ->
                        for packedSide in [ None; Some 64 ] do
                            let skipping = data lists 1. BrokenImages.Skip packedSide
                            let message = inputError (fun () -> trained skipping (place folder "run"))
                            Expect.stringContains message "test/c1/00.jpg" "file"
                            Expect.isFalse (File.Exists(Path.Combine(folder, "run"))) "nothing was trained")))
            testCase "on packed images is the run on the files, where they are small" (fun () ->
                inImages (fun folder lists _ ->
                    inCache folder (fun () ->
                        let packing = data lists 1. BrokenImages.Fail (Some 64)
                        let ofFiles = trained (sound lists) (place folder "files")
                        let packed = trained packing (place folder "packed")
                        Expect.equal (numbersOf packed) (numbersOf ofFiles) "numbers"

                        Expect.hasLength
                            (Directory.GetFiles(folder, "*.packed", SearchOption.AllDirectories))
                            2
                            "caches"

                        breakImage folder

                        let message = inputError (fun () -> trained packing (place folder "broken"))

                        Expect.stringContains message "1 broken image: " "all are told before a step"
                        Expect.isFalse (File.Exists(Path.Combine(folder, "broken"))) "nothing was trained")))
        ]

[<Tests>]
let tests' = testSequenced <| testList "files" [ sets; runs ]

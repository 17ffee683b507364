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
            testCase "is named by its lists' words and its files' lengths" (fun () ->
                inImages (fun folder lists _ ->
                    let hash () = DataFacts.Of(lists, folder).ContentHash
                    let before = hash ()
                    Expect.equal (hash ()) before "the same"
                    File.AppendAllText(Path.Combine(folder, "train/c0/01.jpg"), "more")
                    let longer = hash ()
                    Expect.notEqual longer before "a file's length"
                    let text = File.ReadAllText lists.Test
                    File.WriteAllText(lists.Test, text.Replace("c0/00.jpg 0", "c0/00.jpg 1"))
                    Expect.notEqual (hash ()) longer "a class"))
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
                        (fun _ lists _ -> appended lists.Test "test/c0/00.jpg 3" lists)
                        "has no image of class 3"

                    refused
                        "a number between the classes that none has"
                        (fun _ lists _ -> appended lists.Train "train/c0/00.jpg 7" lists)
                        "has no image of class 3"

                    refused
                        "class folders of different names"
                        (fun folder _ folders ->
                            Directory.Move(Path.Combine(folder, "test/c0"), Path.Combine(folder, "test/d0"))
                            folders)
                        "differ in the class folders c0, d0"

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
            testCase "fails on a broken image by its name, where that is not passed over" (fun () ->
                inImages (fun folder lists _ ->
                    breakImage folder
                    let message = inputError (fun () -> trained (sound lists) (place folder "run"))
                    Expect.stringContains message "train/c1/03.jpg" "file"))
            testCase "passes a broken image over and counts it once, also when it is stopped" (fun () ->
                inImages (fun folder lists _ ->
                    breakImage folder
                    let skipping = data lists 1. BrokenImages.Skip None
                    let place = place folder "run"
                    stopped skipping place 11
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

                        Expect.stringContains message "1 broken images" "all are told before a step"
                        Expect.isFalse (File.Exists(Path.Combine(folder, "broken"))) "nothing was trained")))
        ]

[<Tests>]
let tests' = testSequenced <| testList "files" [ sets; runs ]

/// Where data, weights and runs are looked for.
module LongTail.Tests.PlaceTests

open System
open System.IO
open Expecto
open LongTail
open LongTail.Core
open LongTail.Core.Data
open LongTail.Core.Settings
open LongTail.Tests.Samples
open LongTail.Tests.TempFolder

let private given words =
    match Command.read Command.run words with
    | Ok(Some given) -> given
    | other -> failtest $"%A{other}"

let private at folder (path: string) =
    let file = Path.Combine(folder, path)
    Directory.CreateDirectory(string (Path.GetDirectoryName file)) |> ignore
    File.WriteAllText(file, path)
    file

let private cifar100 = [ "train.bin"; "test.bin" ]

let private cifar10 =
    "test_batch.bin" :: [ for batch in 1..5 -> $"data_batch_{batch}.bin" ]

let private searching folders =
    { Place.here with
        DataFolders = folders
    }

/// The one set in its folder's usual name, the other in a folder of its own.
let private inFoldersOfTwo body =
    inTempFolder (fun folder ->
        for file in cifar100 do
            at folder $"a/cifar-100-binary/{file}" |> ignore

        for file in cifar10 do
            at folder $"b/{file}" |> ignore

        body folder [ Path.Combine(folder, "a"); Path.Combine(folder, "b") ])

let private scriptIn folder path =
    { Session.bare (given []) with
        Script = Some(at folder path)
    }

[<Tests>]
let tests =
    testList
        "place"
        [
            testCase "each set is found in the folder that holds it, and a sweep over two is planned" (fun () ->
                inFoldersOfTwo (fun folder folders ->
                    let there = searching folders

                    let where set =
                        Place.whereabouts there (PublishedImages set)

                    Expect.equal (where ImageSet.Cifar100) (Path.Combine(folder, "a/cifar-100-binary")) "CIFAR-100"
                    Expect.equal (where ImageSet.Cifar10) (Path.Combine(folder, "b")) "CIFAR-10"

                    let sources = Sources.at Ok there

                    let plan =
                        pretraining
                        |> vary
                            dataset
                            [
                                Cifar10 |> longTailed 100. |> imagesPerClass 100
                                Cifar100 |> longTailed 100. |> imagesPerClass 100
                            ]
                        |> Plan.make
                            sources
                            {
                                Folder = Path.Combine(folder, "runs")
                            }

                    match plan with
                    | Error problems -> failtest $"%A{problems}"
                    | Ok plan ->
                        Expect.hasLength plan.Runs 2 "runs"

                        for run in plan.Runs do
                            let place = Place.forRun "checkpoint" run.Settings there

                            Expect.equal
                                place.DataFolder
                                (where (run.Settings.Data.Source :?> PublishedImages).Set)
                                "run"))
            testCase "a set that is in no folder that was named is looked for where it usually lies" (fun () ->
                inFoldersOfTwo (fun folder folders ->
                    let there = searching folders

                    let said set =
                        try
                            Place.whereabouts there (PublishedImages set)
                        with :? InputException as e ->
                            e.Message

                    Expect.stringContains (said ImageSet.FashionMnist) FashionMnist.SystemFolder "the package's"

                    let places =
                        [
                            for place in folders @ [ DataFolder.Own ] do
                                place
                                Path.Combine(place, "places-lt")
                        ]
                        |> String.concat ", "

                    Expect.stringStarts
                        (said ImageSet.PlacesLt)
                        $"places-lt: Places_LT_train.txt is in none of {places}: put "
                        "all that was searched"))
            testCase "lists lie beside their images, whatever folder another set has" (fun () ->
                inFoldersOfTwo (fun folder folders ->
                    let home = Path.Combine(folder, "lists")

                    let list name =
                        let file = at home $"{name}.txt"
                        File.WriteAllText(file, $"{name}/0.png 0\n")
                        at home $"{name}/0.png" |> ignore
                        file

                    let source = ListedImages(list "train", list "test")

                    let of1 (folders: string list) =
                        DataFolder.Of(source, ResizeArray folders)

                    Expect.isNull (of1 folders) "beside the lists"
                    Expect.equal (of1 (folders @ [ home ])) home "in the folder that holds them"
                    File.Delete(Path.Combine(home, "test/0.png"))
                    Expect.equal (of1 folders) folders.Head "nowhere: the folder that was named is told"))
            testCase "--data is said for each folder, and must be one" (fun () ->
                let place = Arguments.place (given [ "--data"; "/"; "--data"; "/no/such" ])
                Expect.equal place.DataFolders [ "/"; "/no/such" ] "both"

                Expect.equal
                    (Place.errors place |> List.map string)
                    [
                        "command line: --data /no/such: is no folder; name the folder of a data set, or one above it"
                    ]
                    "line")
            testTheory
                "runs are kept in the root of the script's repository, and else beside the script"
                [
                    Some ".git/HEAD", "experiments/deep/x.fsx", "runs"
                    Some "paket.dependencies", "experiments/x.fsx", "runs"
                    None, "experiments/x.fsx", "experiments/runs"
                ]
                (fun (mark, script, runs) ->
                    inTempFolder (fun folder ->
                        mark |> Option.iter (at folder >> ignore)
                        let session = scriptIn folder script
                        Expect.equal (Session.store session).Folder (Path.Combine(folder, runs)) "store"

                        let named =
                            { session with
                                Given = given [ "--store"; "mine" ]
                            }

                        Expect.equal (Session.store named).Folder "mine" "one that is named stays"))
            testCase "without a script the current folder's repository is meant" (fun () ->
                let runs = (Session.store (Session.bare (given []))).Folder
                let root = string (Path.GetDirectoryName(Path.GetFullPath runs))
                Expect.equal (Path.GetFileName runs) "runs" "name"

                Expect.isTrue
                    (root = Directory.GetCurrentDirectory()
                     || Path.Exists(Path.Combine(root, "paket.dependencies")))
                    root)
            testCase
                "a file is looked for beside the script, up to its repository's root, and where ours lie"
                (fun () ->
                    inTempFolder (fun folder ->
                        at folder ".git/HEAD" |> ignore
                        let session = scriptIn folder "experiments/x.fsx"
                        let found name = Session.find session name
                        let beside = at folder "experiments/a.txt"
                        let above = at folder "a.txt"
                        Expect.equal (found "a.txt") (Ok beside) "the nearest"
                        File.Delete beside
                        Expect.equal (found "a.txt") (Ok above) "in the root"

                        let weights = "weights/vit-mini.safetensors"

                        Expect.equal
                            (found weights |> Result.map Path.GetFullPath)
                            (Ok(Path.GetFullPath $"{__SOURCE_DIRECTORY__}/../../{weights}"))
                            "the one that comes with the program"

                        let own = at folder weights
                        Expect.equal (found weights) (Ok own) "the repository's before it"

                        match found "no.txt" with
                        | Ok path -> failtest path
                        | Error why ->
                            Expect.stringStarts
                                why
                                $"there is no such file or folder in {folder}/experiments, {folder}, "
                                "all that was searched"))
        ]

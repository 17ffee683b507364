/// What is kept of a run.
module LongTail.Tests.StoreTests

open System.IO
open Expecto
open FsCheck
open LongTail
open LongTail.Tests.Samples
open LongTail.Tests.TempFolder

let private settings = settingsOf (one pretraining)
let private hash = Identity.hash settings

let private run =
    {
        Hash = hash
        Experiment = "pretraining"
        Label = "a run"
        Dataset = "FashionMnist"
        Settings = settings
        Groups = Experiment.groups (one pretraining)
        Images = 1000
        TestImages = 100
        Damage = None
        Result = None
    }

[<Tests>]
let tests =
    testList
        "store"
        [
            testProperty "a result reads back as it was" (fun (NormalFloat accuracy) (NormalFloat seconds) ->
                inStore (fun store ->
                    let kept = result accuracy seconds
                    Store.start store run Place.here
                    Store.finish store hash kept
                    let read = Store.result store hash |> Option.get

                    read.Accuracy = accuracy
                    && read.SecondsPerEpoch = kept.SecondsPerEpoch
                    && Seq.toList read.ClassAccuracy = Seq.toList kept.ClassAccuracy
                    && Seq.toList read.ClassNames = Seq.toList kept.ClassNames
                    && Seq.toList read.ClassLabels = Seq.toList kept.ClassLabels
                    && read.Calibration.ExpectedError = kept.Calibration.ExpectedError
                    && Seq.toList (nonNull read.Calibration.Bins) = Seq.toList (nonNull kept.Calibration.Bins)
                    && Seq.toList read.Epochs = Seq.toList kept.Epochs))
            testCase "a run without a result is not done, whatever else is there" (fun () ->
                inStore (fun store ->
                    Expect.isNone (Store.result store hash) "nothing there"
                    Store.start store run Place.here
                    File.WriteAllText(Path.Combine(store.Folder, hash, "result.json.part"), "{ \"Accuracy\": 0.5")
                    Expect.isNone (Store.result store hash) "half a result beside it"
                    Store.finish store hash (result 0.5 1.)
                    Expect.isSome (Store.result store hash) "done"))
            testCase "a result that cannot be read is told with what makes it anew" (fun () ->
                inStore (fun store ->
                    Store.start store run Place.here

                    for text in [ ""; "null"; "{"; "{ \"Accuracy\": 0.5 }" ] do
                        File.WriteAllText(Path.Combine(store.Folder, hash, "result.json"), text)
                        let message = inputError (fun () -> Store.result store hash)
                        Expect.stringContains message "`longtail run` of its script makes the run anew" text
                        Expect.isFalse (message.Contains '\n') "one line"
                        Expect.isFalse (message.Contains "BytePosition") "in words of ours"

                    for text in [ "[]"; "{}"; "{" ] do
                        File.WriteAllText(Path.Combine(store.Folder, hash, "experiment.json"), text)

                        Expect.stringContains
                            (inputError (fun () -> Store.settings store hash))
                            "experiment.json"
                            text))
            testCase "a diverged run that an older version took for done is run anew" (fun () ->
                inStore (fun store ->
                    Store.start store run Place.here
                    Store.finish store hash (result 0.1 1.)
                    let folder = Path.Combine(store.Folder, hash)
                    let path = Path.Combine(folder, "result.json")

                    let text = File.ReadAllText(path).Replace("0.125", "null")

                    File.WriteAllText(path, text)
                    RunFolder.keepDigest folder (Digest.ofRun folder (File.ReadAllBytes path))

                    Expect.stringContains
                        (inputError (fun () -> Store.result store hash))
                        "result.json is damaged or of another version; `longtail run` of its script makes the run anew"
                        "no result"))
            testCase
                "results of a published set are told where its files are not, and of no other files than theirs"
                (fun () ->
                    inStore (fun store ->
                        let nowhere =
                            { sources with
                                Data = fun _ -> Error "is nowhere"
                            }

                        let told = ResizeArray()

                        let looked () =
                            Plan.make (KeptData.orElse told.Add store nowhere) store pretraining

                        Expect.isError (looked ()) "nothing is kept"

                        let keep (run: PlannedRun) =
                            Store.start store run Place.here
                            Store.finish store run.Hash (result 0.5 1.)

                        keep (List.exactlyOne (planned store pretraining).Runs)
                        Expect.isError (Plan.make nowhere store pretraining) "a run needs them"

                        match looked () with
                        | Ok plan -> Expect.all plan.Runs _.Result.IsSome "done"
                        | Error problems -> failtest $"%A{problems}"

                        Expect.stringStarts
                            told[0]
                            "is nowhere; results are those of the files that the runs in "
                            "a note"

                        let others =
                            { sources with
                                Data = dataFiles "other bytes" >> Ok
                            }

                        match Plan.make others store pretraining with
                        | Ok plan -> keep plan.Runs.Head
                        | Error problems -> failtest $"%A{problems}"

                        Expect.isError (looked ()) "two sets of files: which one is unknown"))
            testCase "a store that is a file, or lies below one, is a fault" (fun () ->
                inTempFolder (fun folder ->
                    let file = Path.Combine(folder, "w.safetensors")
                    File.WriteAllText(file, "values")

                    let faults (folder: string) : string list = Store.errors { Folder = folder }

                    Expect.isEmpty (faults (Path.Combine(folder, "a", "b"))) "not there yet"
                    Expect.isEmpty (faults folder) "a folder"

                    for path in [ file; Path.Combine(file, "runs") ] do
                        Expect.stringContains (List.exactlyOne (faults path)) $"--store {path}: " path))
            testCase "a run's folder tells its settings, where it ran and how each epoch went" (fun () ->
                inStore (fun store ->
                    Store.start store run Place.here
                    Store.finish store hash (result 0.5 1.)

                    let read name =
                        File.ReadAllText(Path.Combine(store.Folder, hash, name))

                    Expect.equal (read "experiment.json") (Identity.readable settings run.Groups) "settings"
                    Expect.stringContains (read "environment.json") "\"Device\": \"cpu\"" "device"
                    Expect.hasLength (File.ReadAllLines(Path.Combine(store.Folder, hash, "metrics.jsonl"))) 2 "epochs"
                    Expect.stringContains (read "metrics.jsonl") "\"Loss\":0.3333333333333333" "loss"
                    Expect.stringContains (read "log.txt") "starts on cpu" "log"))
            testCase "an epoch's line is there when it ends, and once where a resumed run ends it anew" (fun () ->
                inStore (fun store ->
                    let found = result 0.5 1.

                    let trainer: Trainer =
                        fun _ _ tell _ ->
                            for epoch in found.Epochs do
                                // A run that was killed before its checkpoint ends the epoch a second time.
                                for _ in 1..2 do
                                    tell (
                                        LongTail.Core.Training.TrainingProgress(
                                            epoch.Epoch,
                                            found.Epochs.Count,
                                            0.5,
                                            System.Nullable(),
                                            epoch
                                        )
                                    )

                                    Expect.equal (Store.epochs store hash) (epoch.Epoch + 1) "lines"

                            found

                    let policy = { Workers = 1; Failures = KeepGoing }
                    let plan = planned store pretraining

                    let outcome =
                        Runner.execute
                            trainer
                            store
                            Place.here
                            policy
                            ignore
                            System.Threading.CancellationToken.None
                            plan

                    Expect.isEmpty outcome.Broken "broken"
                    Expect.equal (Store.epochs store hash) found.Epochs.Count "at the end"))
            testCase "the name of a folder is the hash of the settings in it, as its file tells them" (fun () ->
                Expect.equal hash.Length 12 "short"
                Expect.isMatch hash "^[0-9a-f]+$" "hex"

                use file =
                    System.Text.Json.JsonDocument.Parse(Identity.readable settings run.Groups)

                Expect.equal (Identity.hashOf file.RootElement) hash "of the file")
        ]

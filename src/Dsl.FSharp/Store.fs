namespace LongTail

open System
open System.IO
open System.Text
open System.Text.Json
open System.Text.RegularExpressions
open LongTail.Core
open LongTail.Core.Evaluation
open LongTail.Core.Files
open LongTail.Core.Settings
open LongTail.Core.Training

/// The folder that keeps every run under its hash, in plain files. A run is done when its result is there.
type Store = { Folder: string }

module Store =
    let folder store hash = Path.Combine(store.Folder, hash)

    let private file name store hash = Path.Combine(folder store hash, name)

    [<Literal>]
    let private Trainings = "trainings"

    /// Where trainings lie under their own names, as runs do: several runs may share one.
    let trainings store : Store =
        {
            Folder = Path.Combine(store.Folder, Trainings)
        }

    /// Whether a run, or a training, made the folder: it has one of these files from its first moment on.
    let private isOurs store (name: string) =
        Regex.IsMatch(name, "^[0-9a-f]{12}$")
        && [ "lock"; "log.txt"; "environment.json"; "experiment.json"; "result.json" ]
           |> List.exists (fun mark -> File.Exists(file mark store name))

    let private folders store =
        if Directory.Exists store.Folder then
            Directory.GetDirectories store.Folder
            |> Array.map (Path.GetFileName >> string)
            |> Array.filter ((<>) Trainings)
            |> Array.sort
            |> List.ofArray
        else
            []

    /// Of all runs, or trainings, in the order of their hashes.
    let hashes store =
        folders store |> List.filter (isOurs store)

    /// Folders that no run made, and no command touches.
    let foreign store =
        [
            for there in [ store; trainings store ] do
                for name in folders there do
                    if not (isOurs there name) then
                        Path.GetRelativePath(store.Folder, folder there name)
        ]

    let logFile store hash = file "log.txt" store hash

    /// Of a training, by its name.
    let checkpoint store training =
        file "checkpoint.safetensors" (trainings store) training

    let private failureFile store hash = file "failure.json" store hash

    let private resultFile store hash = file "result.json" store hash

    /// What is wrong with the folder itself, if anything.
    let errors store =
        let rec upwards (path: string | null) =
            match path with
            | null -> []
            | path -> path :: upwards (Path.GetDirectoryName path)

        match upwards (Path.GetFullPath store.Folder) |> List.tryFind File.Exists with
        | Some file ->
            let which =
                if file = Path.GetFullPath store.Folder then
                    "is a file, not a folder"
                else
                    $"lies below {file}, which is a file"

            [
                $"--store {store.Folder}: {which}; name a folder, which need not be there yet"
            ]
        | None -> []

    let private read name store hash parse =
        RunFolder.read name (folder store hash) parse

    let private parsed members name store hash =
        RunFolder.parsed members name (folder store hash)

    /// The resolved settings that name the run.
    let settings store hash =
        (parsed [ "settings" ] "experiment.json" store hash).GetProperty "settings"

    /// How the script that ran it last told head, medium and tail apart.
    let groups store hash : GroupRule =
        read "experiment.json" store hash (fun bytes ->
            use document = JsonDocument.Parse bytes

            match document.RootElement.TryGetProperty "groups" with
            | true, found -> nonNull (found.Deserialize<GroupRule | null>())
            | _ -> raise (JsonException()))

    /// Where, with what and under which name the run was made.
    let environment store hash =
        parsed [ "Experiment"; "Label"; "Dataset" ] "environment.json" store hash

    /// The resolved settings as values, with the paths at which the run found its files, short where they lie below the
    /// current folder.
    let resolved store hash =
        let places = environment store hash

        let text (value: JsonElement) =
            let full = string value
            let short = Path.GetRelativePath(Directory.GetCurrentDirectory(), full)
            if short.StartsWith ".." then full else short

        let path (called: string) =
            let data index =
                match places.TryGetProperty "Data" with
                | true, data when data.ValueKind = JsonValueKind.Array && data.GetArrayLength() > index ->
                    text data[index]
                | _ -> ""

            match called with
            | "PretrainedBackbone.File" ->
                match places.TryGetProperty "Weights" with
                | true, file when file.ValueKind = JsonValueKind.String -> text file
                | _ -> ""
            | train when train.EndsWith ".Train" -> data 0
            | _ -> data 1

        match Identity.settings path (settings store hash) with
        | Some settings -> settings
        | None ->
            raise (RunFolder.damaged $"""{file "experiment.json" store hash} has the settings of another version""")

    /// The settings in the words of a script, and what its files held.
    let written store hash =
        Written.whole (groups store hash) (resolved store hash)

    /// The result of a finished run, whose files are at a glance what they were at its end.
    let result store hash : RunResult option =
        let folder = folder store hash
        RunFolder.ensureNamed Kept.Run folder

        if File.Exists(resultFile store hash) then
            RunFolder.faults Kept.Run folder
            |> List.tryHead
            |> Option.iter (RunFolder.damaged >> raise)

            Some(RunFolder.understood (resultFile store hash) RunFolder.deserialised)
        else
            None

    /// The loss around a finished run's values, where somebody asked for it.
    let surface store hash : LossSurface option =
        let name = "surface.json"

        if File.Exists(file name store hash) then
            Some(read name store hash RunFolder.deserialised)
        else
            None

    let keepSurface store hash (surface: LossSurface) =
        let text = JsonSerializer.Serialize(surface, RunFolder.line) + "\n"

        // Before the file: a surface that the digest does not know would never be held against it.
        RunFolder.digest (folder store hash)
        |> Option.iter (
            Map.add "surface.json" (Digest.ofBytes (Encoding.UTF8.GetBytes text))
            >> RunFolder.keepDigest (folder store hash)
        )

        RunFolder.save (file "surface.json" store hash) text

    /// What kept the run from its end the last time, where it is not under way again.
    let failure store hash =
        if File.Exists(failureFile store hash) then
            let found = parsed [ "Cause"; "Fault" ] "failure.json" store hash

            let text (name: string) = string (found.GetProperty name)

            let cause =
                [ Input; Diverged; OutOfMemory; Unwritable ]
                |> List.tryFind (fun cause -> string cause = text "Cause")
                |> Option.defaultValue Defect

            Some { Fault = text "Fault"; Cause = cause }
        else
            None

    let log store hash (text: string) =
        let path = logFile store hash

        Writing.At(
            path,
            fun () ->
                Directory.CreateDirectory(folder store hash) |> ignore
                File.AppendAllText(path, $"{DateTime.UtcNow:``yyyy-MM-dd HH:mm:ss``}Z {text}\n")
        )

    /// Removes what a damaged run left but its log, so that it begins anew.
    let clear store hash (fault: string) =
        let kept = [ "log.txt"; "lock" ]

        // The result first: what is left of a run without one is no finished run.
        for path in resultFile store hash :: List.ofArray (Directory.GetFiles(folder store hash)) do
            if not (List.contains (string (Path.GetFileName path)) kept) then
                RunFolder.remove path

        log store hash $"is made anew, as it was damaged: {fault}"

    /// Says where a run, or its training, is going to take place.
    let startAt store hash (provenance: Provenance) =
        // That of an end which came to no result.
        RunFolder.forgetDigest (folder store hash)
        RunFolder.forgetDamage (folder store hash)

        RunFolder.save
            (file "environment.json" store hash)
            (JsonSerializer.Serialize(provenance, RunFolder.pretty) + "\n")

        RunFolder.remove (failureFile store hash)
        log store hash $"starts on {provenance.Device}"

    /// Says what is going to run, and where; also where its training took place, if it has ended.
    let startFrom trainedBy store (run: PlannedRun) place =
        startAt store run.Hash (Provenance.now place run trainedBy)
        RunFolder.save (file "experiment.json" store run.Hash) (Identity.readable run.Settings run.Groups)

    /// The same of a run that is trained too.
    let start store run place = startFrom None store run place

    /// Keeps what broke the run, for whoever asks later, and all of it in the log.
    let fail store hash failure (e: exn) =
        log store hash $"broke: {LongTail.Core.Interop.TorchFault.Text e}"

        let kept =
            {|
                Cause = string failure.Cause
                Fault = failure.Fault
            |}

        RunFolder.save (failureFile store hash) (JsonSerializer.Serialize(kept, RunFolder.pretty) + "\n")

    let private told store hash =
        let path = file "metrics.jsonl" store hash

        if File.Exists path then
            [
                for text in File.ReadAllLines path do
                    try
                        RunFolder.deserialised<EpochResult>(Encoding.UTF8.GetBytes text)
                    with :? JsonException ->
                        ()
            ]
        else
            []

    let private tell store hash (epochs: EpochResult seq) =
        epochs
        |> Seq.map (fun epoch -> JsonSerializer.Serialize(epoch, RunFolder.line) + "\n")
        |> String.concat ""
        |> RunFolder.save (file "metrics.jsonl" store hash)

    /// Adds an epoch's line when it has ended; one that a resumed run ends anew takes the old one's place.
    let keepEpoch store hash (ended: EpochResult) =
        let before = told store hash |> List.filter (fun epoch -> epoch.Epoch < ended.Epoch)
        tell store hash (before @ [ ended ])

    /// Epochs that a run has ended so far; the first of them may have been another run's, whose training it went on with.
    let epochs store hash =
        told store hash
        |> List.tryLast
        |> Option.map (fun epoch -> epoch.Epoch + 1)
        |> Option.defaultValue 0

    /// The result comes last: it is what says that the run is done.
    let finish store hash (result: RunResult) =
        tell store hash result.Epochs
        let text = JsonSerializer.Serialize(result, RunFolder.pretty) + "\n"

        Digest.ofRun (folder store hash) (Encoding.UTF8.GetBytes text)
        |> RunFolder.keepDigest (folder store hash)

        RunFolder.save (resultFile store hash) text
        log store hash "is done"

namespace LongTail

open System
open System.IO
open System.Text
open System.Text.Json
open LongTail.Core
open LongTail.Core.Evaluation
open LongTail.Core.Files
open LongTail.Core.Settings
open LongTail.Core.Training

/// The folder that keeps every run under its hash, in plain files. A run is done when its result is there.
type Store = { Folder: string }

module Store =
    let private line =
        JsonSerializerOptions(RespectRequiredConstructorParameters = true)

    let private pretty =
        JsonSerializerOptions(line, WriteIndented = true, NewLine = "\n")

    let folder store hash = Path.Combine(store.Folder, hash)

    let private file name store hash = Path.Combine(folder store hash, name)

    let private save path (text: string) =
        WholeFile.Write(path, fun stream -> stream.Write(Encoding.UTF8.GetBytes text))

    let logFile store hash = file "log.txt" store hash

    let checkpoint store hash =
        file "checkpoint.safetensors" store hash

    let private failureFile store hash = file "failure.json" store hash

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

    /// One of a run's files; the parser throws JsonException where it is not what it should be.
    let private read name store hash (parse: byte array -> 'value) =
        let path = file name store hash

        try
            parse (File.ReadAllBytes path)
        with
        | :? JsonException
        | :? IOException
        | :? UnauthorizedAccessException ->
            let remedy = $"`longtail gc {store.Folder} --only {hash} --yes` removes the run"
            raise (InputException $"{path} is missing, damaged or of another version; {remedy}")

    /// An object that has these members at least.
    let private parsed (members: string list) name store hash =
        read name store hash (fun bytes ->
            use document = JsonDocument.Parse bytes
            let root = document.RootElement

            let has (name: string) = fst (root.TryGetProperty name)

            if root.ValueKind <> JsonValueKind.Object || not (List.forall has members) then
                raise (JsonException())

            // The clone outlives the document, whose memory is pooled.
            root.Clone())

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
        parsed [ "Experiment"; "Label" ] "environment.json" store hash

    /// One of a run's files as a value; None where it is not there.
    let private value<'value when 'value: not struct> name store hash : 'value option =
        if File.Exists(file name store hash) then
            read name store hash (fun bytes ->
                match JsonSerializer.Deserialize<'value>(bytes, line) with
                | null -> raise (JsonException())
                | value -> Some value)
        else
            None

    /// The result of a finished run.
    let result store hash : RunResult option = value "result.json" store hash

    /// The loss around a finished run's values, where somebody asked for it.
    let surface store hash : LossSurface option = value "surface.json" store hash

    let keepSurface store hash (surface: LossSurface) =
        save (file "surface.json" store hash) (JsonSerializer.Serialize(surface, line) + "\n")

    /// What kept the run from its end the last time, where it is not under way again.
    let failure store hash =
        if File.Exists(failureFile store hash) then
            let found = parsed [ "Cause"; "Fault" ] "failure.json" store hash

            let text (name: string) = string (found.GetProperty name)

            let cause =
                [ Input; Diverged; OutOfMemory ]
                |> List.tryFind (fun cause -> string cause = text "Cause")
                |> Option.defaultValue Defect

            Some { Fault = text "Fault"; Cause = cause }
        else
            None

    let log store hash (text: string) =
        Directory.CreateDirectory(folder store hash) |> ignore
        File.AppendAllText(logFile store hash, $"{DateTime.UtcNow:``yyyy-MM-dd HH:mm:ss``}Z {text}\n")

    /// Says what is going to run, and where.
    let start store (run: PlannedRun) place =
        save (file "experiment.json" store run.Hash) (Identity.readable run.Settings run.Groups)

        save
            (file "environment.json" store run.Hash)
            (JsonSerializer.Serialize(Provenance.now place run.Experiment run.Label, pretty)
             + "\n")

        File.Delete(failureFile store run.Hash)
        log store run.Hash $"starts on {place.Device}"

    /// Keeps what broke the run, for whoever asks later, and all of it in the log.
    let fail store hash failure (e: exn) =
        log store hash $"broke: {LongTail.Core.Interop.TorchFault.Text e}"

        let kept =
            {|
                Cause = string failure.Cause
                Fault = failure.Fault
            |}

        save (failureFile store hash) (JsonSerializer.Serialize(kept, pretty) + "\n")

    /// Adds an epoch's line when it has ended; one that a resumed run ends anew takes the old one's place.
    let keepEpoch store hash (ended: EpochResult) =
        let path = file "metrics.jsonl" store hash

        let before =
            if File.Exists path then
                File.ReadAllLines path |> Array.truncate ended.Epoch
            else
                [||]

        let lines = Array.append before [| JsonSerializer.Serialize(ended, line) |]
        save path (lines |> Array.map (fun text -> text + "\n") |> String.concat "")

    /// Epochs that a run has ended so far.
    let epochs store hash =
        let path = file "metrics.jsonl" store hash

        if File.Exists path then
            (File.ReadAllLines path).Length
        else
            0

    /// The result comes last: it is what says that the run is done.
    let finish store hash (result: RunResult) =
        let epochs =
            result.Epochs
            |> Seq.map (fun epoch -> JsonSerializer.Serialize(epoch, line) + "\n")

        save (file "metrics.jsonl" store hash) (String.concat "" epochs)
        save (file "result.json" store hash) (JsonSerializer.Serialize(result, pretty) + "\n")
        log store hash "is done"

namespace LongTail

open System
open System.IO
open System.Text
open System.Text.Json
open LongTail.Core
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

    let private parsed path : JsonElement =
        try
            // The clone outlives the document, whose memory is pooled.
            use document = JsonDocument.Parse(File.ReadAllBytes path)
            document.RootElement.Clone()
        with
        | :? JsonException
        | :? IOException as e ->
            raise (InputException $"{path} cannot be read ({e.Message}): remove its folder to run again")

    /// The resolved settings that name the run.
    let settings store hash =
        (parsed (file "experiment.json" store hash)).GetProperty "settings"

    /// Where, with what and under which name the run was made.
    let environment store hash =
        parsed (file "environment.json" store hash)

    /// The result of a finished run.
    let result store hash : RunResult option =
        let path = file "result.json" store hash

        let unreadable why =
            raise (InputException $"{path} is no result of this version ({why}): remove its folder to run again")

        if File.Exists path then
            try
                match JsonSerializer.Deserialize<RunResult>(File.ReadAllBytes path, line) with
                | null -> unreadable "it is empty"
                | result -> Some result
            with :? JsonException as e ->
                unreadable e.Message
        else
            None

    /// What kept the run from its end the last time, where it is not under way again.
    let failure store hash =
        let path = failureFile store hash

        if File.Exists path then
            let found = parsed path

            let text (name: string) =
                string (found.GetProperty(name).GetString())

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
        save (file "experiment.json" store run.Hash) (Identity.readable run.Settings)

        save
            (file "environment.json" store run.Hash)
            (JsonSerializer.Serialize(Provenance.now place run.Experiment run.Label, pretty)
             + "\n")

        File.Delete(failureFile store run.Hash)
        log store run.Hash $"starts on {place.Device}"

    /// Keeps what broke the run, for whoever asks later, and all of it in the log.
    let fail store hash failure (e: exn) =
        log store hash $"broke: {e}"

        let kept =
            {|
                Cause = string failure.Cause
                Fault = failure.Fault
            |}

        save (failureFile store hash) (JsonSerializer.Serialize(kept, pretty) + "\n")

    /// The result comes last: it is what says that the run is done.
    let finish store hash (result: RunResult) =
        let epochs =
            result.Epochs
            |> Seq.map (fun epoch -> JsonSerializer.Serialize(epoch, line) + "\n")

        save (file "metrics.jsonl" store hash) (String.concat "" epochs)
        save (file "result.json" store hash) (JsonSerializer.Serialize(result, pretty) + "\n")
        log store hash "is done"

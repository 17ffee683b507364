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

    let private file name store hash = Path.Combine(store.Folder, hash, name)

    let private save path (text: string) =
        WholeFile.Write(path, fun stream -> stream.Write(Encoding.UTF8.GetBytes text))

    let logFile store hash = file "log.txt" store hash

    let checkpoint store hash =
        file "checkpoint.safetensors" store hash

    /// The result of a finished run.
    let result store hash : RunResult option =
        let path = file "result.json" store hash

        let unreadable why =
            raise (InputException $"{path} is no result of this version ({why}): remove its folder to run again")

        if File.Exists path then
            try
                match JsonSerializer.Deserialize<RunResult>(File.ReadAllText path, line) with
                | null -> unreadable "it is empty"
                | result -> Some result
            with :? JsonException as e ->
                unreadable e.Message
        else
            None

    let log store hash (text: string) =
        let path = logFile store hash

        Path.GetDirectoryName path
        |> Option.ofObj
        |> Option.iter (Directory.CreateDirectory >> ignore)

        File.AppendAllText(path, $"{DateTime.UtcNow:``yyyy-MM-dd HH:mm:ss``}Z {text}\n")

    /// Says what is going to run, and where.
    let start store (settings: RunSettings) place =
        let hash = Identity.hash settings
        save (file "experiment.json" store hash) (Identity.readable settings)
        save (file "environment.json" store hash) (JsonSerializer.Serialize(Provenance.now place, pretty) + "\n")
        log store hash $"starts on {place.Device}"

    /// The result comes last: it is what says that the run is done.
    let finish store hash (result: RunResult) =
        let epochs =
            result.Epochs
            |> Seq.map (fun epoch -> JsonSerializer.Serialize(epoch, line) + "\n")

        save (file "metrics.jsonl" store hash) (String.concat "" epochs)
        save (file "result.json" store hash) (JsonSerializer.Serialize(result, pretty) + "\n")
        log store hash "is done"

namespace LongTail

open System
open System.IO
open System.Text
open System.Text.Json
open LongTail.Core
open LongTail.Core.Files

/// A run's file that is not what was written.
/// <param name="message">One line: which, what is wrong and what to do.</param>
type DamagedException(message: string) =
    inherit InputException(message)

/// The folder of a run, or of a training, in a store: its files are written whole, and read as they were at its end.
module RunFolder =
    let line = JsonSerializerOptions(RespectRequiredConstructorParameters = true)

    let pretty = JsonSerializerOptions(line, WriteIndented = true, NewLine = "\n")

    let save path (text: string) =
        WholeFile.Write(path, fun stream -> stream.Write(Encoding.UTF8.GetBytes text))

    let remove (path: string) =
        if File.Exists path then
            Writing.At(path, (fun () -> File.Delete path))

    let damaged fault =
        DamagedException $"{fault}; `longtail run` of its script makes the run anew"

    let isLink folder =
        not (isNull (DirectoryInfo(folder).LinkTarget))

    /// Throws where the folder is a link: what is written or removed in it would be another run's.
    let ensureOwn folder =
        if isLink folder then
            raise (InputException $"{folder} is a link, and a run's folder is its own: remove the link")

    let private bytes path =
        try
            File.ReadAllBytes path
        with
        | :? FileNotFoundException
        | :? DirectoryNotFoundException -> raise (damaged $"{path} is missing")
        | :? IOException
        | :? UnauthorizedAccessException as e ->
            raise (InputException $"{path} cannot be read: {e.Message.TrimEnd '.'}; ask for the right to read it")

    /// The parser throws JsonException where a file is not what it should be.
    let understood path (parse: byte array -> 'value) =
        try
            parse (bytes path)
        with :? JsonException ->
            raise (damaged $"{path} is damaged or of another version")

    let deserialised<'value when 'value: not struct> (bytes: byte array) : 'value =
        match JsonSerializer.Deserialize<'value>(bytes, line) with
        | null -> raise (JsonException())
        | value -> value

    let private digestFile folder = Path.Combine(folder, "digest.json")

    /// What the files were at the end; None before it.
    let digest folder : Digest option =
        let path = digestFile folder

        if File.Exists path then
            understood path (fun bytes ->
                let digest: Digest = deserialised bytes

                if digest.Values |> Seq.exists (box >> isNull) then
                    raise (JsonException())

                Some digest)
        else
            None

    /// Says that a run, or its training, has ended with these files.
    let keepDigest folder (digest: Digest) =
        save (digestFile folder) (JsonSerializer.Serialize(digest, pretty) + "\n")

    let forgetDigest folder = remove (digestFile folder)

    /// One of the files, as it was at the end.
    let read name folder (parse: byte array -> 'value) =
        let path = Path.Combine(folder, name)

        understood path (fun bytes ->
            match digest folder |> Option.bind (Map.tryFind name) with
            | Some ended when ended <> Digest.ofBytes bytes ->
                raise (damaged $"{path} holds other bytes than when its run ended")
            | _ -> parse bytes)

    /// An object that has these members at least.
    let parsed (members: string list) name folder =
        read name folder (fun bytes ->
            use document = JsonDocument.Parse bytes
            let root = document.RootElement

            let has (name: string) = fst (root.TryGetProperty name)

            if root.ValueKind <> JsonValueKind.Object || not (List.forall has members) then
                raise (JsonException())

            // The clone outlives the document, whose memory is pooled.
            root.Clone())

    /// Of which run, or training, the files are; None where they do not tell yet.
    let private told kept folder =
        let isThere name = File.Exists(Path.Combine(folder, name))

        match kept with
        | Kept.Run when isThere "experiment.json" ->
            Some(Identity.hashOf (parsed [ "numerics"; "settings" ] "experiment.json" folder))
        | Kept.Training when isThere "environment.json" ->
            Some(string ((parsed [ "Training" ] "environment.json" folder).GetProperty "Training"))
        | _ -> None

    /// Throws where the folder is another one's, by a link, a copy or a new name.
    let ensureNamed kept folder =
        ensureOwn folder

        match told kept folder with
        | Some name when name <> string (Path.GetFileName folder) ->
            let remedy =
                if Directory.Exists(Path.Combine(string (Path.GetDirectoryName folder), name)) then
                    "a copy of it: remove it with `longtail gc`"
                else
                    "renamed: rename it to that, or remove it with `longtail gc`"

            raise (DamagedException $"{folder} holds what belongs to {name}, {remedy}")
        | _ -> ()

    /// What `longtail verify` found, in a line; no other command reads all bytes.
    let private damageFile folder = Path.Combine(folder, "damage.txt")

    let forgetDamage folder = remove (damageFile folder)

    let private held look kept folder =
        match digest folder with
        | None -> [ $"{digestFile folder} is missing" ]
        | Some digest -> look kept folder digest

    /// What is wrong with the files of what has ended, at a glance or found by `verify`, a line each.
    let faults kept folder =
        let mark = damageFile folder

        [
            yield! held Digest.glance kept folder
            if File.Exists mark then
                (File.ReadAllText mark).Trim()
        ]

    /// Holds all bytes of what has ended against its digest: what is wrong, a line each. From then on other commands know
    /// of it.
    let verify kept folder =
        ensureNamed kept folder
        let faults = held Digest.contents kept folder
        let mark = damageFile folder

        try
            match faults with
            | fault :: _ -> save mark (fault + "\n")
            | [] -> remove mark

            faults
        with :? UnwritableException as e ->
            faults @ [ $"no other command knows of it: {e.Message}" ]

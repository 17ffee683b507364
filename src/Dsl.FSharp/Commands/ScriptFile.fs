namespace LongTail.Commands

open System
open System.Diagnostics
open System.IO
open System.Reflection
open System.Runtime.InteropServices
open System.Security.Cryptography
open System.Text
open System.Text.RegularExpressions
open LongTail
open LongTail.Core
open LongTail.Core.Files

/// A script made into a program by the SDK's own compiler: once, as fsi would take seconds every time.
module ScriptFile =
    let private folderOf (file: string) =
        Path.GetDirectoryName(Path.GetFullPath file)
        |> Option.ofObj
        |> Option.defaultValue "/"

    /// The script and all that it loads, by their full paths.
    let rec private sources file =
        [
            file, File.ReadAllText file

            for line in File.ReadLines file do
                if Regex.IsMatch(line, @"^\s*#load\b") then
                    for name in Regex.Matches(line, "\"([^\"]+)\"") do
                        let loaded = Path.GetFullPath(name.Groups[1].Value, folderOf file)

                        if File.Exists loaded then
                            yield! sources loaded
        ]

    /// SHA-256 of everything that the compiler makes the program of.
    let private key file =
        let language =
            [ typeof<Experiment>; typeof<InputException> ]
            |> List.map (fun kind -> string kind.Module.ModuleVersionId)

        language @ (sources file |> List.collect (fun (path, text) -> [ path; text ]))
        |> String.concat "\000"
        |> Encoding.UTF8.GetBytes
        |> SHA256.HashData
        |> Convert.ToHexStringLower

    let private root =
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."))

    /// The F# compiler of the newest SDK beside the runtime that this process is of.
    let compiler () =
        let sdks = Path.Combine(root, "sdk")

        let version (folder: string) =
            match Version.TryParse(Regex.Replace(string (Path.GetFileName folder), "-.*", "")) with
            | true, version -> version
            | _ -> Version()

        let found =
            [|
                if Directory.Exists sdks then
                    yield! Directory.GetDirectories sdks
            |]
            |> Array.sortByDescending version
            |> Array.map (fun sdk -> Path.Combine(sdk, "FSharp", "fsc.dll"))
            |> Array.tryFind File.Exists

        match found with
        | Some compiler -> compiler
        | None -> raise (InputException $"{sdks} holds no F# compiler: install the .NET SDK")

    let private compile (file: string) (into: string) =
        let dotnet = Path.Combine(root, "dotnet")
        let core = Path.Combine(AppContext.BaseDirectory, "FSharp.Core.dll")

        let start =
            ProcessStartInfo(
                dotnet,
                [
                    compiler ()
                    "--nologo"
                    "--target:exe"
                    "--targetprofile:netcore"
                    "--nocopyfsharpcore"
                    "--debug:embedded"
                    $"--reference:{core}"
                    $"--out:{into}"
                    file
                ],
                RedirectStandardOutput = true,
                RedirectStandardError = true
            )

        start.Environment["DOTNET_CLI_UI_LANGUAGE"] <- "en"

        match Process.Start start with
        | null -> raise (InputException $"{dotnet} does not start")
        | child ->
            use child = child
            let said = ResizeArray()
            child.ErrorDataReceived.Add(fun line -> Option.ofObj line.Data |> Option.iter said.Add)
            child.BeginErrorReadLine()
            let output = child.StandardOutput.ReadToEnd()
            child.WaitForExit()

            if child.ExitCode <> 0 then
                let lines = (String.concat "\n" (output.TrimEnd() :: List.ofSeq said)).Trim()
                raise (InputException(String.concat "\n" (lines :: CompilerWords.all lines)))

    /// The program made of a script; the compiler is asked where no program of just this text is kept.
    /// Where it refuses the script, the message is the compiler's own.
    let compiled (script: string) =
        let file = Path.GetFullPath script

        if Directory.Exists file then
            raise (InputException $"{script} is a folder: name a script, NAME.fsx")

        if
            File.Exists file
            && not (file.EndsWith(".fsx", StringComparison.OrdinalIgnoreCase))
        then
            raise (InputException $"{script} is no script: name one, NAME.fsx")

        if not (File.Exists file) then
            raise (InputException $"there is no script {script}")

        let folder = UserCache.Path $"scripts/{key file}"
        let name = $"{Path.GetFileNameWithoutExtension file}.dll"
        let program = Path.Combine(folder, name)

        if not (File.Exists program) then
            // Made beside and renamed: a program that is there is whole.
            let part = $"{folder}.{Environment.ProcessId}"
            Writing.At(part, (fun () -> Directory.CreateDirectory part |> ignore))

            try
                compile file (Path.Combine(part, name))

                try
                    Directory.Move(part, folder)
                with :? IOException when File.Exists program ->
                    () // Another process was faster.
            finally
                if Directory.Exists part then
                    Directory.Delete(part, true)

        program

    /// Whether the script, or what it loads, has this outside its comments.
    let says pattern (script: string) =
        sources (Path.GetFullPath script)
        |> List.exists (fun (_, text) -> Regex.IsMatch(Regex.Replace(text, "//.*", ""), pattern))

    /// The line in which the script threw this, 0 where nobody knows; None where it was ours that threw.
    let private thrown (script: Assembly) (e: exn) =
        let ours = [ typeof<Experiment>.Assembly; typeof<InputException>.Assembly ]

        StackTrace(e, true).GetFrames()
        |> Array.tryPick (fun frame ->
            match frame.GetMethod() with
            | null -> None
            | code when code.Module.Assembly = script -> Some(Some(frame.GetFileLineNumber()))
            | code when List.contains code.Module.Assembly ours -> Some None
            | _ -> None)
        |> Option.flatten

    /// Runs a compiled script in this process. What the script itself throws is its person's to mend.
    let run (program: string) =
        let script = Assembly.LoadFrom program

        match script.EntryPoint with
        | null -> raise (InputException $"{program} has nothing to run")
        | entry ->
            let arguments: objnull array =
                entry.GetParameters() |> Array.map (fun _ -> Array.empty<string>)

            try
                entry.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null)
                |> ignore
            with
            | Mendable _ -> reraise ()
            | e ->
                let cause = e.GetBaseException()

                match thrown script cause with
                | Some line ->
                    let name = Path.GetFileNameWithoutExtension program
                    let place = if line > 0 then $"({line})" else ""
                    let message = cause.Message.Split('\n')[0]
                    raise (InputException $"{name}.fsx{place}: {message}")
                | None -> reraise ()

namespace LongTail

open System
open System.Collections.Concurrent
open System.ComponentModel
open System.Diagnostics
open System.IO

/// A script as it was when it was first asked for, and the repository that it lies in.
type Origin =
    {
        /// The script's full path; null where there is none.
        Script: string | null
        Text: string | null
        /// Whether the commit has the script as it is, in words.
        State: string | null
        /// Of the script's folder, or else of the one that the command was given in; null outside a repository.
        Commit: string | null
        /// What differs from that commit in the files that it knows.
        Changes: string | null
    }

module Origin =
    /// What git says in a folder; None where it fails or is not there.
    let git folder (arguments: string list) =
        try
            let start =
                ProcessStartInfo(
                    "git",
                    arguments,
                    WorkingDirectory = folder,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true
                )

            match Process.Start start with
            | null -> None
            | child ->
                use child = child
                child.ErrorDataReceived.Add ignore
                child.BeginErrorReadLine()
                let output = child.StandardOutput.ReadToEnd()
                child.WaitForExit()
                if child.ExitCode = 0 then Some(output.Trim()) else None
        with :? Win32Exception ->
            None

    let private state folder commit script =
        let says arguments = (git folder arguments).IsSome

        if Option.isNone commit then
            "in no repository"
        elif not (says [ "ls-files"; "--error-unmatch"; "--"; script ]) then
            "changed: no commit has it"
        elif not (says [ "diff"; "--quiet"; "HEAD"; "--"; script ]) then
            "changed since the commit"
        else
            "as in the commit"

    let private read (script: string) =
        let script =
            if File.Exists script then
                Some(Path.GetFullPath script)
            else
                None

        let folder =
            script
            |> Option.bind (Path.GetDirectoryName >> Option.ofObj)
            |> Option.defaultWith Directory.GetCurrentDirectory

        let commit = git folder [ "rev-parse"; "HEAD" ]

        {
            Script = Option.toObj script
            Text = script |> Option.map File.ReadAllText |> Option.toObj
            State = script |> Option.map (state folder commit) |> Option.toObj
            Commit = Option.toObj commit
            Changes = git folder [ "diff"; "HEAD" ] |> Option.toObj
        }

    let private asked = ConcurrentDictionary<string, Lazy<Origin>>()

    /// Read once: a sweep of an hour should not tell of changes that were made while it ran.
    let ofScript script =
        asked.GetOrAdd(Option.defaultValue "" script, (fun file -> lazy (read file))).Value

namespace LongTail

open System
open System.Diagnostics
open System.Reflection
open System.Runtime.InteropServices
open LongTail.Core

/// What a run was computed with, for whoever asks later.
type Provenance =
    {
        /// Of the script that asked for the run first.
        Experiment: string
        Label: string
        Started: DateTime
        Device: string
        Threads: int
        Cores: int
        System: string
        Runtime: string
        Engine: string
        LongTail: string
        Numerics: int
        /// The commit of the program's own repository; null where it lies in none.
        LongTailCommit: string | null
        /// The commit of the folder that the command was given in; null outside a repository.
        Commit: string | null
        /// What differs from that commit.
        Changes: string | null
    }

module Provenance =
    let private git (arguments: string list) =
        try
            let start =
                ProcessStartInfo("git", arguments, RedirectStandardOutput = true, RedirectStandardError = true)

            match Process.Start start with
            | null -> None
            | child ->
                use child = child
                child.ErrorDataReceived.Add ignore
                child.BeginErrorReadLine()
                let output = child.StandardOutput.ReadToEnd()
                child.WaitForExit()
                if child.ExitCode = 0 then Some(output.Trim()) else None
        with :? ComponentModel.Win32Exception ->
            None

    /// Of the program and, behind a plus, the commit that it was built from.
    let version =
        match typeof<Experiment>.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>() with
        | null -> "of unknown version"
        | found -> found.InformationalVersion

    // Asked once: a sweep of an hour should not name a commit that was made while it ran.
    let private source = lazy (git [ "rev-parse"; "HEAD" ], git [ "diff"; "HEAD" ])

    let private own = lazy (git [ "-C"; AppContext.BaseDirectory; "rev-parse"; "HEAD" ])

    let now (place: Place) experiment label =
        let commit, changes = source.Value

        {
            Experiment = experiment
            Label = label
            Started = DateTime.UtcNow
            Device = place.Device
            Threads = place.Threads
            Cores = Environment.ProcessorCount
            System = RuntimeInformation.OSDescription
            Runtime = RuntimeInformation.FrameworkDescription
            Engine = Machine.Engine()
            LongTail = version
            Numerics = Identity.numerics
            LongTailCommit = Option.toObj own.Value
            Commit = Option.toObj commit
            Changes = Option.toObj changes
        }

namespace LongTail

open System
open System.IO
open System.Reflection
open System.Runtime.InteropServices
open System.Text.Json
open LongTail.Core
open LongTail.Core.Data
open LongTail.Core.Settings

/// What a run was computed with, for whoever asks later.
type Provenance =
    {
        Run: string
        /// The name of its training, and where that took place; None where it is this.
        Training: string
        TrainedBy: JsonElement option
        /// Of the script that asked for the run first.
        Experiment: string
        Label: string
        /// The name of the data set.
        Dataset: string
        /// What the process was started with.
        CommandLine: string
        /// The script's full path, its text when it was first asked for, and whether a commit has it so; null where there
        /// is no script.
        Script: string | null
        ScriptText: string | null
        ScriptState: string | null
        /// Full path; null where the backbone is drawn.
        Weights: string | null
        /// Full paths of the files, lists or folders.
        Data: string list
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
        /// The commit of the script's folder, or else of the one that the command was given in; null outside a repository.
        Commit: string | null
        /// What differs from that commit in the files that it knows.
        Changes: string | null
    }

module Provenance =
    /// Of the program and, behind a plus, the commit that it was built from.
    let version =
        match typeof<Experiment>.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>() with
        | null -> "of unknown version"
        | found -> found.InformationalVersion

    let private own = lazy (Origin.git AppContext.BaseDirectory [ "rev-parse"; "HEAD" ])

    let private weights (settings: RunSettings) =
        match settings.Model.Backbone with
        | :? PretrainedBackbone as file -> Some(Path.GetFullPath file.File)
        | _ -> None

    let private data (place: Place) (source: DataSource) =
        match source with
        | :? ListedImages as lists -> [ lists.Train; lists.Test ]
        | :? ClassFolders as folders -> [ folders.Train; folders.Test ]
        | published ->
            try
                let folder = Place.dataFolder place published

                match ResidentSet.Of published with
                | null -> Option.toList folder
                | set -> List.ofArray (set.FilesIn(Option.toObj folder))
            with :? InputException ->
                place.DataFolders
        |> List.map Path.GetFullPath

    /// Of a run whose training took place as this says, if not here and now.
    let now (place: Place) (run: PlannedRun) trainedBy =
        let origin = Origin.ofScript place.Script

        {
            Run = run.Hash
            Training = PlannedRun.training run
            TrainedBy = trainedBy
            Experiment = run.Experiment
            Label = run.Label
            Dataset = run.Dataset
            CommandLine = Environment.CommandLine
            Script = origin.Script
            ScriptText = origin.Text
            ScriptState = origin.State
            Weights = Option.toObj (weights run.Settings)
            Data = data place run.Settings.Data.Source
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
            Commit = origin.Commit
            Changes = origin.Changes
        }

    /// Where a run's values were trained, of what a store has of it; None where it trained them itself.
    let trainedBy (environment: JsonElement) =
        match environment.TryGetProperty "TrainedBy" with
        | true, training when training.ValueKind = JsonValueKind.Object -> Some training
        | _ -> None

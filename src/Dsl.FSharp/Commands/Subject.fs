namespace LongTail.Commands

open System
open System.IO
open LongTail
open LongTail.Core

/// A run that a command is asked about.
type Entry =
    {
        Hash: string
        /// The name of its training; empty where its files do not tell.
        Training: string
        Experiment: string
        Label: string
        /// The name of the data set.
        Dataset: string
        /// None where the store knows nothing of it.
        State: RunState option
    }

/// What a command about kept runs is asked about: a store's folder, or a script and the store of its runs.
type Subject =
    {
        Store: Store
        Entries: Entry list
        /// Of the entries, and of no run that is left.
        Trainings: string list
        /// The script's; None of a store, which knows of no sweep.
        Plan: Plan option
    }

module Subject =
    let private ofStore (given: Arguments) (store: Store) =
        if given.Contains Argument.Where then
            raise (InputException "--where goes by the axes of a script's sweep: name the script, not a store")

        if not (Directory.Exists store.Folder) then
            raise (InputException $"there is no store {store.Folder}: name the folder of one, or a script")

        let runs = StoredRun.all store

        if runs.IsEmpty && (Store.hashes (Store.trainings store)).IsEmpty then
            raise (InputException $"{store.Folder} holds no run of LongTail: name the folder of a store, or a script")

        let asked =
            match given.TryGetResult Argument.Only with
            | None -> runs
            | Some text ->
                match runs |> List.filter (fun run -> Selection.names text run.Hash run.Label) with
                | [] -> raise (InputException(Selection.nobody text runs.Length))
                | some -> some

        [
            for run in asked do
                {
                    Hash = run.Hash
                    Training = run.Training
                    Experiment = run.Experiment
                    Label = run.Label
                    Dataset = run.Dataset
                    State = Some run.State
                }
        ]

    let private ofScript store plan =
        [
            for run in plan.Runs do
                {
                    Hash = run.Hash
                    Training = PlannedRun.training run
                    Experiment = run.Experiment
                    Label = run.Label
                    Dataset = run.Dataset
                    State = StoredRun.known store run.Hash
                }
        ]

    /// `planOf` reads a script.
    let find (planOf: string -> Plan) (given: Arguments) (word: string option) =
        let there (store: Store) plan (entries: Entry list) =
            let kept = Store.hashes (Store.trainings store)

            let isAsked training =
                entries |> List.exists (fun entry -> entry.Training = training)

            {
                Store = store
                Entries = entries
                Trainings =
                    if Option.isSome plan || given.Contains Argument.Only then
                        List.filter isAsked kept
                    else
                        kept
                Plan = plan
            }

        let bare = Session.bare given

        match word with
        | Some script when script.EndsWith(".fsx", StringComparison.OrdinalIgnoreCase) ->
            let plan = planOf script
            let store = Session.store { bare with Script = Some script }
            there store (Some plan) (ofScript store plan)
        | Some folder ->
            let store: Store = { Folder = folder }
            there store None (ofStore given store)
        | None ->
            let store = Session.store bare
            there store None (ofStore given store)

    /// In a line, what lies among the runs of a store and is none.
    let foreign subject =
        match subject.Plan, Store.foreign subject.Store with
        | Some _, _
        | None, [] -> []
        | None, [ one ] -> [ $"{one} in {subject.Store.Folder} is no run of LongTail, and is left alone" ]
        | None, several ->
            [
                $"{several.Length} folders in {subject.Store.Folder} are no runs of LongTail, and are left alone: {Gaps.listed several}"
            ]

    /// The one run of a store whose hash begins so.
    let hash (store: Store) (prefix: string) =
        let found =
            Store.hashes store
            |> List.filter (fun hash -> hash.StartsWith(prefix, StringComparison.Ordinal))

        match found with
        | [ one ] -> one
        | [] ->
            raise (
                InputException
                    $"no run in {store.Folder} has a hash that begins with {prefix}: `longtail status` lists them"
            )
        | several ->
            let some = several |> List.truncate 5 |> String.concat ", "

            raise (
                InputException
                    $"{several.Length} runs in {store.Folder} begin with {prefix}: {some}; say more of the hash"
            )

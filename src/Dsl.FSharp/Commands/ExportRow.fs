namespace LongTail.Commands

open System
open System.Globalization
open System.Text.Json
open LongTail
open LongTail.Core.Evaluation
open LongTail.Core.Training

/// A finished run as tables outside want it.
type ExportRow =
    {
        Hash: string
        /// What tells it apart from the others, its seed aside: an axis of the script, or the path of a setting, and
        /// the value.
        Names: (string * JsonElement option) list
        /// The same in the words of a table for people, by its columns.
        Words: (string * string) list
        /// Runs that differ in nothing but their seed have the same: they are one row of such a table.
        Row: int
        /// Whether it is the frozen model that others are held against, which no seed enters.
        Frozen: bool
        Tuned: Tuned
        Evaluation: Evaluation
        /// The run's own: the script's, or what the store kept of the one that ran it.
        Groups: GroupRule
        /// The numbers of threads that its bits depend on.
        Threads: int list
        Seed: int64
        Result: RunResult
    }

module ExportRow =
    /// The path of the setting.
    let seed = "Seed"

    /// As a number where it is one.
    let private ofWord (word: string) =
        match Double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, number when Double.IsFinite number -> JsonSerializer.SerializeToElement number
        | _ -> JsonSerializer.SerializeToElement word

    /// The words of axes as values.
    let named labels =
        labels |> List.map (fun (axis, word) -> axis, Some(ofWord word))

    /// Each with the number of its row.
    let private numbered row runs =
        [
            for index, (_, alike) in List.indexed (List.groupBy row runs) do
                for run in alike do
                    index, run
        ]

    /// As the script's own table has them: a setting a row, called by the axes.
    let private ofPlan plan =
        let results = Plan.results plan
        let settings = Map [ for run in plan.Runs -> run.Hash, run.Settings ]

        [
            for index, (setting, hash) in plan.Cells |> numbered (fun (s, _) -> s.Unseeded) do
                match results.TryFind hash with
                | Some result ->
                    {
                        Hash = hash
                        Names = named setting.Labels
                        Words = setting.Labels
                        Row = index
                        Frozen = false
                        Tuned = Tuned.ofRun setting.Labels settings[hash]
                        Evaluation = setting.Experiment.Evaluation
                        Groups = Experiment.groups setting.Experiment
                        Threads = ThreadCounts.ofRun settings[hash] result
                        Seed = setting.Experiment.Seed
                        Result = result
                    }
                | None -> ()
        ]

    /// The settings that the store has of its runs, finished or not, and their rules for groups.
    let private declared subject =
        let read store hash =
            Store.settings store hash, Store.groups store hash

        [
            for entry in subject.Entries do
                match StoredRun.readable read subject.Store entry.Hash with
                | Ok found -> entry, found
                | Error _ -> ()
        ]

    /// Whether these settings are those of the frozen model that a run of them is held against.
    let private isFrozenRun hash settings =
        Frozen.settings settings
        |> Option.exists (fun still -> Identity.hash still = hash)

    let private ofStore subject =
        let declared = declared subject

        let finished =
            [
                for entry, found in declared do
                    match entry.State with
                    | Some(Done result) -> entry, found, result
                    | _ -> ()
            ]

        let paths =
            declared
            |> List.map (fun (_, (settings, _)) -> Leaves.ofJson settings)
            |> Leaves.differing
            |> List.filter ((<>) seed)

        let rows =
            finished
            |> numbered (fun (_, (settings, groups), _) ->
                // One text: a list's hash is that of its first few items.
                [
                    string groups
                    for path, value in Leaves.ofJson settings do
                        if path <> seed then
                            $"{path}={value.GetRawText()}"
                ]
                |> String.concat "\n")

        let heads =
            rows |> List.distinctBy fst |> List.map (fun (row, (entry, _, _)) -> row, entry)

        let called = Called.settings subject.Store (List.map snd heads)
        let names = Map [ for row, entry in heads -> row, called[entry.Hash] ]

        [
            for row, (entry, (settings, groups), result) in rows do
                let values = dict (Leaves.ofJson settings)

                let value path =
                    match values.TryGetValue path with
                    | true, value -> Some value
                    | _ -> None

                let resolved =
                    StoredRun.readable Store.resolved subject.Store entry.Hash |> Result.toOption

                let says field =
                    value $"Evaluation.{field}"
                    |> Option.exists (fun value -> value.ValueKind = JsonValueKind.True)

                {
                    Hash = entry.Hash
                    Names = paths |> List.map (fun path -> path, value path)
                    Words = [ "run", names[row] ]
                    Row = row
                    Frozen = resolved |> Option.exists (isFrozenRun entry.Hash)
                    Tuned = Tuned.ofJson [ "", names[row] ] settings
                    Evaluation =
                        {
                            BestOnTest = says (nameof afterLastEpoch.BestOnTest)
                            BatchMeanAccuracy = says (nameof afterLastEpoch.BatchMeanAccuracy)
                            UnscaledConfidence = says (nameof afterLastEpoch.UnscaledConfidence)
                            Said = Said.nothing
                        }
                    Groups = groups
                    Threads =
                        resolved
                        |> Option.map (fun settings -> ThreadCounts.ofRun settings result)
                        |> Option.defaultValue []
                    Seed = values[seed].GetInt64()
                    Result = result
                }
        ]

    let private ofFrozen plan index hash labels setting result =
        let settings = (plan.Runs |> List.find (fun run -> run.Hash = hash)).Settings

        {
            Hash = hash
            Names = named labels
            Words = labels
            Row = -1 - index
            Frozen = true
            Tuned = Tuned.ofRun labels settings
            Evaluation = Gain.evaluation setting
            Groups = Experiment.groups setting.Experiment
            Threads = ThreadCounts.ofRun settings result
            Seed = 0L
            Result = result
        }

    let private relabelled column row =
        let labels = column row.Words

        { row with
            Words = labels
            Names = named labels
        }

    /// The finished ones of these runs, told apart by the axes of the script, or else by the settings that are not the
    /// same in all.
    let ofSubject subject =
        match subject.Plan with
        | Some plan -> ofPlan plan
        | None -> ofStore subject

    /// The same and, of a script, its frozen models as the first rows.
    let withFrozen subject =
        match subject.Plan with
        | Some plan -> Gain.leading (ofFrozen plan) relabelled plan (Plan.results plan) (ofPlan plan)
        | None -> ofStore subject

    /// The runs of each setting, which are one row of a table. Throws InputException where a setting has a seed twice.
    let settings (rows: ExportRow list) =
        let settings = rows |> List.groupBy _.Row |> List.map snd

        for those in settings do
            let called = those.Head.Words |> List.map snd |> String.concat ", "
            Replicates.refuseTwice called (those |> List.map (fun row -> row.Seed, row.Hash))

        settings

    /// Of a row's runs.
    let isFrozen (those: ExportRow list) = those |> List.forall _.Frozen

    let private measures: (string * (ExportRow -> float option)) list =
        let group pick row =
            GroupRule.means row.Groups row.Result |> pick |> Option.ofNullable

        [
            "accuracy", (fun row -> Some row.Result.Accuracy)
            "head", group _.Head
            "medium", group _.Medium
            "tail", group _.Tail
            "harmonic", (fun row -> Some row.Result.Harmonic)
            "worst", (fun row -> Some row.Result.Worst)
            "ece", (fun row -> Some row.Result.Calibration.ExpectedError)
            "seconds_per_epoch", (fun row -> Option.ofNullable row.Result.SecondsPerEpoch)
            "memory_mib", (fun row -> Option.ofNullable row.Result.PeakMemoryMiB)
        ]

    /// What the numbers of a run are called.
    let measured = List.map fst measures

    /// A number of a run by its name, as it is: accuracies and errors in [0, 1]. None where the run has none, as the time
    /// of an epoch where there was no epoch.
    let number name : ExportRow -> float option = (Map measures)[name]

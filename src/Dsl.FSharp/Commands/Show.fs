namespace LongTail.Commands

open System
open System.IO
open System.Text.Json
open LongTail
open LongTail.Core.Evaluation
open LongTail.Core.Training

/// One run, as the store has it.
module Show =
    let private tail = 10

    let private section title lines =
        match lines with
        | [] -> []
        | lines -> "" :: $"{title}:" :: (lines |> List.map (sprintf "  %s"))

    let private values (pairs: (string * string) list) =
        let width = pairs |> List.map (fst >> String.length) |> List.fold max 0

        pairs
        |> List.map (fun (name, text) ->
            let lines = text.Split '\n'

            let more =
                if lines.Length > 1 then
                    $" ... ({lines.Length} lines)"
                else
                    ""

            $"{name.PadRight width}  {lines[0]}{more}")

    /// In the words of a script, and what the files held; else in a line why not, where the state does not tell.
    let private settings store hash state =
        match StoredRun.readable Store.written store hash, state with
        | Ok found, _ -> values found
        | Error _, Damaged _ -> []
        | Error why, _ -> [ why ]

    let private environment =
        Leaves.ofJson
        >> List.filter (fun (path, _) -> not (path.EndsWith("ScriptText", StringComparison.Ordinal)))
        >> List.map (fun (path, value) -> path, Leaves.text (Some value))

    let private percent (value: Nullable<float>) =
        value |> Option.ofNullable |> Report.orDash Points.percent

    let private classes (rule: GroupRule) (result: RunResult) =
        let width = result.ClassNames |> Seq.map _.Length |> Seq.fold max 0

        [
            for j, group in Seq.indexed (rule.Of result.ClassCounts) do
                let group = (string group).ToLowerInvariant()

                $"  {result.ClassLabels[j], 5} {result.ClassNames[j].PadRight width}  {group, -6} {result.ClassCounts[j], 6}: {percent result.ClassAccuracy[j]}"
        ]

    let private result (rule: GroupRule) (result: RunResult) =
        let groups = GroupRule.means rule result

        [
            $"accuracy {Points.percent result.Accuracy} %%, ECE {Points.percent result.Calibration.ExpectedError}"
            $"harmonic mean of the classes' accuracies {Points.percent result.Harmonic} (0 as soon as one is never right), worst class {Points.percent result.Worst}"
            $"head {percent groups.Head}, medium {percent groups.Medium}, tail {percent groups.Tail} by {GroupRule.words rule}"
            String.concat
                ", "
                [
                    match Option.ofNullable result.SecondsPerEpoch, Option.ofObj result.Share with
                    | Some seconds, Some share ->
                        $"{Report.seconds seconds} s an epoch (the fastest, {Timing.words share})"
                    | _ -> "no epoch"
                    $"{result.TrainedValues} trained values"
                    yield!
                        result.PeakMemoryMiB
                        |> Option.ofNullable
                        |> Option.map (fun peak -> $"the process's peak memory {Cost.memory peak}")
                        |> Option.toList
                ]
            if result.BrokenImages.Count > 0 then
                $"{result.BrokenImages.Count} training images could not be decoded and were passed over"

                for reason in Seq.truncate 5 result.BrokenImages do
                    $"  {reason}"
            "classes (label of the data set, name, group, training images): accuracy in %"
            yield! classes rule result
        ]

    let private said state =
        match state with
        | Done _ -> "is done"
        | Running -> "is under way"
        | Stopped -> "was stopped"
        | Failed failure -> $"failed: {failure.Fault}"
        | Damaged why -> $"is damaged: {why}"

    let private finished store hash =
        Store.result store hash
        |> Option.map (fun found -> Store.groups store hash, found)

    let private logged store hash =
        let log = Store.logFile store hash

        if File.Exists log then
            File.ReadAllLines log |> List.ofArray
        else
            []

    /// The script that asked for the run, as it was then.
    let private script (environment: JsonElement) =
        let text (name: string) =
            match environment.TryGetProperty name with
            | true, value when value.ValueKind = JsonValueKind.String -> string value
            | _ -> ""

        match text "ScriptText" with
        | "" -> []
        | lines ->
            let path, state = text "Script", text "ScriptState"
            $"{path}: {state}" :: List.ofArray (lines.TrimEnd().Split '\n')

    /// Where the values come from, if not from a training of its own.
    let private trainedBy (environment: JsonElement) =
        match Provenance.trainedBy environment with
        | Some training ->
            let text (name: string) = string (training.GetProperty name)
            let run, on = text "Run", text "Device"
            [ $"evaluated from the training of {run}, on {on}" ]
        | None -> []

    let lines store hash =
        // Of a damaged run what is whole.
        let part look show =
            match StoredRun.readable look store hash with
            | Ok found -> show found
            | Error _ -> []

        let state = (StoredRun.find store hash).State

        [
            $"{hash} {said state}"
            yield! part Store.environment trainedBy
            yield! section "settings" (settings store hash state)
            yield!
                section
                    "result"
                    (part finished (Option.map (fun (rule, found) -> result rule found) >> Option.defaultValue []))
            yield! section "environment" (part Store.environment (environment >> values))
            yield! section "script" (part Store.environment script)
            yield! section "log" (logged store hash |> List.rev |> List.truncate tail |> List.rev)
        ]

    /// The same for other programs, members of the files as they are in them.
    let json store hash =
        let run = StoredRun.find store hash

        let part look =
            StoredRun.readable look store hash |> Result.toOption

        Json.text
            {|
                Hash = hash
                State = StoredRun.word (Some run.State)
                Reason = StoredRun.reason run.State
                Settings = part Store.settings
                Result =
                    part Store.result
                    |> Option.flatten
                    |> Option.map JsonSerializer.SerializeToElement
                Environment = part Store.environment
                Log = logged store hash
            |}

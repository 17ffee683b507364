namespace LongTail

open System
open System.Collections.Generic
open System.IO
open System.Text.Json
open LongTail.Core
open LongTail.Core.Files
open LongTail.Core.Settings
open LongTail.Core.Training

/// What the steps of runs cost here: timed once for each kind of step and then remembered, so that a plan needs no engine.
module StepTimes =
    let private file () = UserCache.Path "steps.json"

    let private key (place: Place) kind =
        [
            Identity.hash kind
            Environment.MachineName
            place.Device
            $"{place.Threads} threads"
            Interop.Engine.Stamp
        ]
        |> String.concat " "

    let private remembered () : Dictionary<string, StepTiming> =
        try
            match JsonSerializer.Deserialize<_>(File.ReadAllText(file ())) with
            | null -> Dictionary()
            | known -> known
        with
        | :? IOException
        | :? UnauthorizedAccessException
        | :? JsonException -> Dictionary()

    // What cannot be remembered is timed again.
    let private remember (known: Dictionary<string, StepTiming>) =
        try
            WholeFile.Write(file (), fun stream -> JsonSerializer.Serialize(stream, known))
        with :? UnwritableException ->
            ()

    /// What steps of these kinds cost; those that this machine has not timed yet are timed now.
    let measured place (kinds: RunSettings list) : IReadOnlyDictionary<RunSettings, StepTiming> =
        let known = remembered ()
        let keys = kinds |> List.map (fun kind -> kind, key place kind)
        let missing = keys |> List.filter (snd >> known.ContainsKey >> not)

        if not missing.IsEmpty then
            let plural = if missing.Length = 1 then "kind" else "kinds"
            eprintfn $"timing {missing.Length} {plural} of step"
            Machine.UseThreads place.Threads

            for kind, key in missing do
                known[key] <- StepTiming.Measure(kind, place.Device, Nullable())

            remember known

        dict [ for kind, key in keys -> kind, known[key] ] |> Dictionary :> _

namespace LongTail.Commands

open System.Text.RegularExpressions
open LongTail

/// What runs of a store are called beside each other: by no more than tells them apart.
module Called =
    /// That part of each entry that has one, where there are several.
    let private ifSeveral (part: Entry -> string) entries =
        let said entry = [ part entry ] |> List.filter ((<>) "")

        if entries |> List.collect said |> List.distinct |> List.length > 1 then
            said
        else
            fun _ -> []

    /// The parts of its script.
    let private parts store (entry: Entry) =
        let written store hash =
            Written.parts (Store.groups store hash) (Store.resolved store hash)

        StoredRun.readable written store entry.Hash |> Result.defaultValue []

    let private told parts entries =
        let experiment = ifSeveral _.Experiment entries
        let dataset = ifSeveral _.Dataset entries

        let called (entry: Entry) =
            experiment entry @ dataset entry @ [ entry.Label ] |> String.concat ": "

        Map
            [
                for name, alike in entries |> List.groupBy called do
                    match alike with
                    | [ one ] -> one.Hash, name
                    | several ->
                        for entry, settings in several |> List.map parts |> Written.apart |> List.zip several do
                            entry.Hash, String.concat ", " (name :: settings)
            ]

    /// By the hash of each run.
    let names store = told (parts store)

    /// As a setting, by a run of one of its seeds.
    let private setting (entry: Entry) =
        let label = Regex.Replace(entry.Label, ", seed -?\d+$", "")

        // These say what they are by themselves.
        if label = entry.Experiment || label.StartsWith $"{Expectation.frozen}:" then
            { entry with
                Label = label
                Experiment = ""
                Dataset = ""
            }
        else
            { entry with Label = label }

    /// The same of settings. What no word of a script tells apart has its hash.
    let settings store entries =
        let names =
            entries
            |> List.map setting
            |> told (parts store >> List.filter (fst >> (<>) "seed"))

        let alike = names.Values |> List.ofSeq |> List.countBy id |> Map

        names
        |> Map.map (fun hash name -> if alike[name] > 1 then $"{name} ({hash})" else name)

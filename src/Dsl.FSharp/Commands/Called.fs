namespace LongTail.Commands

open System.Text.RegularExpressions
open LongTail

/// What runs of a store are called beside each other: by no more than tells them apart.
module Called =
    let private ifSeveral (part: Entry -> string) entries =
        if entries |> List.distinctBy part |> List.length > 1 then
            fun entry -> [ part entry ] |> List.filter ((<>) "")
        else
            fun _ -> []

    /// The parts of its script.
    let private parts store (entry: Entry) =
        let written store hash =
            Written.parts (Store.groups store hash) (Store.resolved store hash)

        StoredRun.readable written store entry.Hash |> Result.defaultValue []

    let private told parts entries =
        // A frozen model's name says what it is, whatever script ran it first.
        let isFrozen (entry: Entry) =
            entry.Label.StartsWith $"{Expectation.frozen}:"

        let trained = entries |> List.filter (not << isFrozen)
        let experiment = ifSeveral _.Experiment trained
        let dataset = ifSeveral _.Dataset trained

        let called entry =
            if isFrozen entry then
                entry.Label
            else
                experiment entry @ dataset entry @ [ entry.Label ]
                // An experiment without an axis has given its run its name.
                |> List.distinct
                |> String.concat ": "

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

    /// The same of settings, each by a run of one of its seeds. What no word of a script tells apart has its hash.
    let settings store (entries: Entry list) =
        let names =
            entries
            |> List.map (fun entry ->
                { entry with
                    Label = Regex.Replace(entry.Label, ", seed -?\\d+$", "")
                })
            |> told (parts store >> List.filter (fst >> (<>) "seed"))

        let alike = names.Values |> List.ofSeq |> List.countBy id |> Map

        names
        |> Map.map (fun hash name -> if alike[name] > 1 then $"{name} ({hash})" else name)

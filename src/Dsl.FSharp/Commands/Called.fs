namespace LongTail.Commands

open LongTail

/// What runs of a store are called beside each other: by no more than tells them apart.
module Called =
    let private ifSeveral (part: Entry -> string) entries =
        if entries |> List.distinctBy part |> List.length > 1 then
            fun entry -> [ part entry ] |> List.filter ((<>) "")
        else
            fun _ -> []

    /// The parts of its script.
    let private settings store (entry: Entry) =
        let written store hash =
            Written.parts (Store.groups store hash) (Store.resolved store hash)

        StoredRun.readable written store entry.Hash |> Result.defaultValue []

    /// The parts in which runs that are called alike differ.
    let private differences store alike =
        let parts = alike |> List.map (settings store)

        let differing =
            List.concat parts
            |> List.distinct
            |> List.countBy fst
            |> List.filter (fun (_, values) -> values > 1)
            |> List.map fst

        parts
        |> List.map (fun parts ->
            [
                for part, words in parts do
                    if List.contains part differing then
                        if part = "seed" then $"seed {words.TrimEnd 'L'}" else words
            ])

    /// By the hash of each run.
    let names store (entries: Entry list) =
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
                        for entry, settings in List.zip several (differences store several) do
                            entry.Hash, String.concat ", " (name :: settings)
            ]

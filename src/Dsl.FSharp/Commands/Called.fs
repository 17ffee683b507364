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
                        for entry, settings in several |> List.map (settings store) |> Written.apart |> List.zip several do
                            entry.Hash, String.concat ", " (name :: settings)
            ]

namespace LongTail.Commands

open LongTail

/// What runs of a store are called beside each other: by no more than tells them apart.
module Called =
    let private ifSeveral (part: Entry -> string) entries =
        if entries |> List.distinctBy part |> List.length > 1 then
            fun entry -> [ part entry ] |> List.filter ((<>) "")
        else
            fun _ -> []

    let private settings store (entry: Entry) =
        match StoredRun.readable Store.settings store entry.Hash with
        | Ok found ->
            Leaves.ofJson found
            |> List.filter (fun (path, _) -> not (path.EndsWith "ContentHash"))
        | Error _ -> []

    /// The settings in which runs that are called alike differ.
    let private differences store alike =
        let leaves = alike |> List.map (settings store)
        let paths = Leaves.differing leaves |> set

        leaves
        |> List.map (fun leaves ->
            [
                for path, value in leaves do
                    if paths.Contains path then
                        $"{path}={Leaves.text (Some value)}"
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

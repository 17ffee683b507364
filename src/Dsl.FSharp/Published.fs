namespace LongTail


/// A table as it was published.
type PublishedTable =
    {
        /// Where, and how its numbers were made.
        Source: string
        /// The setting as our tables call it, its accuracy in percent and its time.
        Rows: (string * float * float) list
    }

[<AutoOpen>]
module PublishedTables =
    /// Table 1 of the poster of GNM-PT (Li et al., NeurIPS 2024): long-tailed CIFAR-100 of factor 100. It does not say of
    /// what its seconds are: an epoch is the plausible reading.
    let gnmPtPoster =
        {
            Source =
                "GNM-PT's poster, Table 1: ViT-B/16 of ImageNet-21k, one seed, the epoch that is best on the test set"
            Rows =
                [
                    "sgd, CE", 81.02, 39.78
                    "sam, CE", 82.48, 72.51
                    "gnm, CE", 82.50, 40.16
                    "sgd, GCL+DRW", 89.58, 40.00
                    "sam, GCL+DRW", 89.69, 74.36
                    "gnm, GCL+DRW", 90.28, 41.87
                ]
        }

module Published =
    let private called (labels: (string * string) list) =
        labels |> List.map snd |> String.concat ", "

    /// What keeps the sweep's rows from standing beside the table's.
    let faults published sweep =
        let ours = Sweep.settings sweep |> List.map (_.Labels >> called) |> List.distinct

        if published.Rows |> List.exists (fun (name, _, _) -> List.contains name ours) then
            []
        else
            let theirs = published.Rows |> List.map (fun (name, _, _) -> name)

            [
                Problem.ofSweep
                    "beside"
                    published.Source
                    "has no row that is called as one of the sweep"
                    $"""it has {String.concat "; " theirs}"""
            ]

    /// Published rows beside ours of the same name; time is over that of the table's first row.
    let table published (ours: Row list) =
        let named = Map [ for row in ours -> called row.Labels, row ]

        let first = published.Rows |> List.tryHead

        let ourFirst = first |> Option.bind (fun (name, _, _) -> named.TryFind name)

        let cells (name, accuracy: float, seconds) =
            let row = named.TryFind name

            [
                name
                Report.orDash (fun row -> Report.percent row.Accuracy) row
                Decimals.places 2 accuracy
                Option.map2 Report.timeOver row ourFirst
                |> Option.flatten
                |> Report.orDash Report.times
                first |> Report.orDash (fun (_, _, start) -> Report.times (seconds / start))
            ]

        published.Rows
        |> List.map cells
        |> Grid.table [ "setting" ] [ "all"; "published"; "time"; "published" ]

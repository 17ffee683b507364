namespace LongTail

/// The two best settings, where the one is hardly above the other.
module internal Front =
    /// What is found where the best setting is hardly above the next.
    type Kind =
        | Alike
        | OtherSeeds
        | Equal
        | OneSeed
        | Unclear

    let private lead best next =
        let hashes one =
            one.Finished |> List.map (fun (run, _) -> run.Hash) |> set

        let seeds one =
            one.Finished |> List.map (fun (run, _) -> run.Settings.Seed) |> set

        let a, b = best.Setting.Called, next.Setting.Called
        let leads = Points.over a "leads" b

        let pairs =
            Replicates.differences (Gathered.accuracies best) (Gathered.accuracies next)

        if hashes best = hashes next then
            Some(Alike, Points.both a b)
        elif seeds best <> seeds next && (pairs.IsEmpty || Mean.over pairs <= 0.) then
            Some(OtherSeeds, $"{leads} by {Points.text (Gathered.mean best - Gathered.mean next)} points")
        elif pairs |> List.forall Points.isZero then
            let seeds =
                if pairs.Length = 1 then
                    "the one seed"
                else
                    $"each of {pairs.Length} seeds"

            Some(Equal, $"{Points.both a b} ({Points.percent (Gathered.mean best)} %% in {seeds})")
        else
            let differ by =
                if Points.isZero by then
                    $"{Points.both a b} have the same mean"
                else
                    $"{leads} by {Points.text by}"

            match PairedT.over pairs with
            | None -> Some(OneSeed, $"{differ (Gathered.mean best - Gathered.mean next)} points")
            | Some {
                       Difference = { Mean = by; HalfWidth = Some half }
                   } when half >= by -> Some(Unclear, $"{differ by} ± {Points.text half} points")
            | Some _ -> None

    /// Of settings that learn and are judged on the same images, by how much the best one leads the next, where that may
    /// be chance: the 95 % t-interval of the differences, paired by seed, holds zero, or there is no interval.
    let all (gathered: Gathered list) =
        [
            for _, rivals in
                gathered
                |> List.groupBy (fun one -> one.Setting.Experiment.Dataset, one.Setting.Experiment.Evaluation) do
                match rivals |> List.sortByDescending Gathered.mean with
                | best :: next :: _ -> yield! Option.toList (lead best next)
                | _ -> ()
        ]

namespace LongTail

open LongTail.Core

/// Runs of one setting, which differ in nothing but their seed.
module Replicates =
    /// Throws InputException where a seed is there twice: one chance would count as two. Seeds, each with its run's hash.
    let refuseTwice row (runs: (int64 * string) list) =
        for seed, alike in runs |> List.groupBy fst do
            if alike.Length > 1 then
                let hashes = alike |> List.map snd |> String.concat " and "

                raise (
                    InputException
                        $"{row}: seed {seed} is there {alike.Length} times, as {hashes}, and would weigh so much more in the mean; keep one of these runs"
                )

    /// The plan's settings in the order of the table's rows, each with its runs by seed. Throws InputException where a
    /// setting has a seed twice.
    let ofPlan plan =
        plan.Cells
        |> List.groupBy (fun (setting: Setting, _) -> setting.Unseeded)
        |> List.map (fun (setting, cells) ->
            let runs = cells |> List.map (fun (s, hash) -> s.Experiment.Seed, hash)
            refuseTwice setting.Called runs
            setting, runs)

    /// By how much the one setting's numbers are above the other's, over the seeds that both have.
    let differences (one: (int64 * float) list) (other: (int64 * float) list) =
        let others = Map other

        [
            for seed, value in one do
                match others.TryFind seed with
                | Some otherValue -> value - otherValue
                | None -> ()
        ]

namespace LongTail

open LongTail.Core.Evaluation
open LongTail.Core.Training

/// Whether a result shows that anything was learnt.
module internal Learnt =
    /// Whether something was asked to learn: 0 epochs and a rate of 0 are what they say.
    let trains (run: PlannedRun) =
        run.Settings.Schedule.Epochs > 0
        && run.Settings.Optimizer.Base.LearningRate > 0.

    /// Of the classes that have test images, those of which one is right, and all.
    let everRight (result: RunResult) =
        let shares = result.ClassAccuracy |> Seq.choose Option.ofNullable |> List.ofSeq
        shares |> List.filter (fun share -> share > 0.) |> List.length, shares.Length

    /// Whether guessing would do as well: within two standard errors of a class's share of the test images.
    let isChance (run: PlannedRun) (result: RunResult) =
        let share = 1. / float (snd (everRight result))

        result.Accuracy
        <= share + 2. * sqrt (share * (1. - share) / float run.TestImages)

    /// A plain network under cross-entropy keeps a sixth of its head's accuracy on the tail (13.5 of 77.8 % on CIFAR-100-LT,
    /// method.md 6.6), which is poor and still says something: collapsed is less than a tenth, or no more than the
    /// share of a class in the test set. Means are over a row's seeds.
    let private hasCollapsed classes (head: float) (tail: float) =
        tail < head && (tail <= 1. / float classes || tail < head / 10.)

    /// Head, medium and tail of each run, and their names; those at chance have no group to speak of.
    let groups one =
        let rule = Experiment.groups one.Setting.Experiment

        let found =
            one.Finished
            |> List.filter (fun (run, result) -> trains run && not (isChance run result))
            |> List.map (snd >> GroupRule.means rule)

        [
            "head", (fun (of1: GroupMeans) -> of1.Head)
            "medium", _.Medium
            "tail", _.Tail
        ]
        |> List.map (fun (name, pick) -> name, found |> List.choose (pick >> Option.ofNullable))
        |> List.filter (fun (_, values) -> not values.IsEmpty)

    /// Means of head and tail, where the tail has collapsed.
    let collapsed one =
        let groups = Map(groups one)

        match groups.TryFind "head", groups.TryFind "tail" with
        | Some head, Some tail ->
            let head, tail = Mean.over head, Mean.over tail

            if hasCollapsed (Gathered.results one).Head.ClassCounts.Count head tail then
                Some(head, tail)
            else
                None
        | _ -> None

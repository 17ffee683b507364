namespace LongTail

/// How a run that is to do comes to its trained values.
[<RequireQualifiedAccess>]
type TrainedBy =
    /// It trains them.
    | Itself
    /// It trains what has been trained before; in words, why.
    | Again of string
    /// It is evaluated from those of this run, by its hash: another one, which may be to do, or itself before its result was
    /// lost.
    | Run of hash: string

module TrainedBy =
    let private ofFirst store training =
        match StoredTraining.state store training with
        | TrainingState.Whole ->
            match (StoredTraining.environment store training).TryGetProperty "Run" with
            | true, hash -> TrainedBy.Run(string hash)
            | _ -> TrainedBy.Itself
        | TrainingState.Spent -> TrainedBy.Again "its checkpoint was removed"
        | TrainingState.Damaged why -> TrainedBy.Again why
        | TrainingState.Unfinished -> TrainedBy.Itself

    /// Of each run of the plan that is to do, by its hash.
    let ofPlan store plan : Map<string, TrainedBy> =
        Map
            [
                for training, runs in Plan.todo plan |> List.groupBy PlannedRun.training do
                    let first = ofFirst store training
                    runs.Head.Hash, first

                    for other in runs.Tail do
                        other.Hash,
                        match first with
                        | TrainedBy.Run hash -> TrainedBy.Run hash
                        | TrainedBy.Itself
                        | TrainedBy.Again _ -> TrainedBy.Run runs.Head.Hash
            ]

    /// In a sentence, that runs of a table share what their seconds an epoch tell; nothing where none do.
    let sharing plan (results: Map<string, LongTail.Core.Training.RunResult>) =
        let shown = Plan.asked plan |> List.filter (fun run -> results.ContainsKey run.Hash)
        let trainings = shown |> List.distinctBy PlannedRun.training

        if trainings.Length = shown.Length then
            []
        else
            [
                $"Evaluated from shared trainings: {shown.Length} runs from {trainings.Length}; s/epoch is that of the training, which was paid once."
            ]

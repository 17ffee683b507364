namespace LongTail

open LongTail.Core.Settings

/// Finds everything that is wrong with an experiment, all at once, before anything runs.
module Validation =
    /// Everything that keeps the experiment from running. The file is that of a pretrained backbone, None where
    /// nobody has looked.
    let errors file e =
        [
            Rules.naming
            Rules.finite
            Rules.dataset
            InputRules.input
            Rules.backbone file
            Rules.model
            TrainingRules.loss
            TrainingRules.optimizer
            Rules.schedule
            TrainingRules.sampling
        ]
        |> List.collect (fun rule -> rule e)
        |> List.map (fun finding -> finding e)
        // A number that is none may break a rule besides.
        |> List.distinctBy (fun problem -> problem.Field, problem.Value)

    let private fileOf sources (e: Experiment) =
        match e.Model.Backbone with
        | Pretrained path -> Some(sources.Backbone path)
        | Drawn _ -> None

    /// What an experiment that can run may not be meant to do.
    let warnings (sources: Sources) e =
        Warnings.all (fileOf sources e |> Option.bind Result.toOption) e
        |> List.map (fun finding -> finding e)

    /// The settings that the trainer takes, or all that is wrong.
    let check (sources: Sources) (e: Experiment) : Result<RunSettings, Problem list> =
        let file = fileOf sources e

        match errors file e, sources.Data e.Dataset.Set with
        | [], Ok data ->
            let found = file |> Option.bind Result.toOption
            Ok(Resolution.resolve found data e)
        | problems, Ok _ -> Error problems
        | problems, Error fault ->
            Error(
                problems
                @ [ Problem.about "data" e.Dataset.Set fault "--data names the folder" e ]
            )

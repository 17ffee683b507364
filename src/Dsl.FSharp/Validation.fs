namespace LongTail

open LongTail.Core.Settings

/// Finds everything that is wrong with an experiment, all at once, before anything runs.
module Validation =
    /// Everything that keeps the experiment from running. The file is that of a pretrained backbone, None where
    /// nobody has looked.
    let errors file e =
        [
            Rules.finite
            Rules.dataset
            Rules.input
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

    let private fileOf look (e: Experiment) =
        match e.Model.Backbone with
        | Pretrained path -> Some(look path)
        | Drawn _ -> None

    /// What an experiment that can run may not be meant to do.
    let warnings (look: string -> Result<BackboneFile, string>) e =
        Warnings.all (fileOf look e |> Option.bind Result.toOption) e
        |> List.map (fun finding -> finding e)

    /// The settings that the trainer takes, or all that is wrong. `look` reads a file of pretrained values.
    let check (look: string -> Result<BackboneFile, string>) (e: Experiment) : Result<RunSettings, Problem list> =
        let file = fileOf look e

        match errors file e, file with
        | [], Some(Ok file) -> Ok(Resolution.resolve (Some file) e)
        | [], _ -> Ok(Resolution.resolve None e)
        | problems, _ -> Error problems

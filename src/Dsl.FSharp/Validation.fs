namespace LongTail

open LongTail.Core.Settings

/// What an experiment without errors means.
type Sound =
    {
        Settings: RunSettings
        /// That an epoch takes.
        Images: int
        /// That it is judged on.
        TestImages: int
    }

/// Finds everything that is wrong with an experiment, all at once, before anything runs.
module Validation =
    /// Everything that keeps the experiment from running. The file is that of a pretrained backbone, files those of the
    /// data set; None where nobody has looked.
    let errors file files e =
        [
            Rules.naming
            Rules.words
            Rules.finite
            Rules.dataset files
            Rules.emptyFiles files
            Rules.batch files
            Rules.groups
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
        match sources.Data e.Dataset.Source with
        | Ok files ->
            Warnings.ofFiles files
            @ (Warnings.all (fileOf sources e |> Option.bind Result.toOption) files e
               |> List.map (fun finding -> finding e))
        | Error _ -> []

    /// What the trainer takes, or all that is wrong.
    let check (sources: Sources) (e: Experiment) : Result<Sound, Problem list> =
        let file = fileOf sources e

        let data = sources.Data e.Dataset.Source

        match errors file (Result.toOption data) e, data with
        | [], Ok files ->
            let found = file |> Option.bind Result.toOption


            Ok
                {
                    Settings = Resolution.resolve found files e
                    Images = Array.sum (Dataset.classCounts files.Facts.Train e.Dataset)
                    TestImages = Dataset.testCount files.Facts.Test e.Dataset
                }
        | problems, Ok _ -> Error problems
        | problems, Error fault -> Error(problems @ [ Problem.about "data" (Dataset.name e.Dataset) fault "" e ])

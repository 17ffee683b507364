namespace LongTail

open LongTail.Core.Data
open LongTail.Core.Evaluation
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

    /// The statistics that the published code's way of judging gets wrong.
    let private biased (e: Experiment) =
        [
            if e.Evaluation.BestOnTest then
                Problem.about
                    "evaluation"
                    "bestOnTest"
                    "picks the epoch by the very images that judge it"
                    "the accuracy is too high: compare it with published ones only"
            if e.Evaluation.BatchMeanAccuracy then
                Problem.about
                    "evaluation"
                    "batchMeanAccuracy"
                    "lets an image of the last, short batch count more"
                    "the accuracy is off: compare it with published ones only"
            if e.Evaluation.UnscaledConfidence then
                Problem.about
                    "evaluation"
                    "unscaledConfidence"
                    "keeps confidences of cosines next to uniform"
                    "the ECE says nothing: compare it with published ones only"
        ]

    let private idle (e: Experiment) =
        let groups = e.Optimizer.Groups

        [
            for part, factors in [ Prompts, groups.Prompts; Head, groups.Head; Backbone, groups.Backbone ] do
                if factors <> { Rate = 1.; Radius = 1. } && not (Resolution.trains part e.Model) then
                    Problem.about "groups" part "is not trained" "its factors change nothing"
        ]

    /// What an experiment that can run may not be meant to do.
    let warnings (e: Experiment) =
        let d = e.Dataset
        let largest = d.ImagesPerClass |> Option.defaultValue (Dataset.trainingImages d)

        let counts =
            LongTailed.Counts(d.Profile, d.ImbalanceFactor, largest, Dataset.classes d)

        let groups = Groups.ByTrainingCount counts

        let halvings =
            match e.Optimizer.Perturbation, Resolution.halveEvery e with
            | Some(Gnm(_, WithReweighting, _)), Some every -> (int e.Schedule.Epochs - 2) / every
            | _ -> 0

        [
            if d.ImbalanceFactor > 1. then
                for group in [ Group.Head; Group.Medium; Group.Tail ] do
                    if not (Array.contains group groups) then
                        let name = $"{group}".ToLowerInvariant()

                        Problem.about
                            "imbalance factor"
                            d.ImbalanceFactor
                            $"no class counts as {name}"
                            "the table will go by class ranges"
            if halvings > 1 then
                Problem.about "gnm" "" $"its noise halves {halvings} times" "defer the re-weighting to a later epoch"
            match e.Optimizer.Perturbation with
            | Some(Gnm(_, PublishedOff, _)) ->
                Problem.about
                    "gnm"
                    "PublishedOff"
                    "its noise doubles every epoch, 512 times by epoch 10"
                    "Never keeps it as it is"
            | Some(ImbSam(_, tailBelow)) when counts |> Seq.forall (fun n -> n >= tailBelow) ->
                Problem.about
                    "imbSam"
                    tailBelow
                    "no class has fewer images"
                    "it is the base optimizer at another's cost"
            | _ -> ()
            yield! biased e
            yield! idle e
        ]
        |> List.map (fun finding -> finding e)

    /// The settings that the trainer takes, or all that is wrong. `look` reads a file of pretrained values.
    let check (look: string -> Result<BackboneFile, string>) (e: Experiment) : Result<RunSettings, Problem list> =
        let file =
            match e.Model.Backbone with
            | Pretrained path -> Some(look path)
            | Drawn _ -> None

        match errors file e, file with
        | [], Some(Ok file) -> Ok(Resolution.resolve (Some file) e)
        | [], _ -> Ok(Resolution.resolve None e)
        | problems, _ -> Error problems

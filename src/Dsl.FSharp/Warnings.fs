namespace LongTail

open System.IO
open LongTail.Core.Data
open LongTail.Core.Evaluation
open LongTail.Core.Losses
open LongTail.Core.Settings

/// What an experiment that can run may not be meant to do.
module internal Warnings =
    let private groups counts (e: Experiment) =
        let rule = Experiment.groups e
        let present = rule.Of counts

        let other =
            match Grouping.resolved e.Dataset (Some byRange) with
            | Some ranges when ranges <> rule -> "groups byRange, or (byThresholds ABOVE BELOW), fills it"
            | _ -> "groups (byThresholds ABOVE BELOW) fills it"

        [
            match rule with
            // Nothing is medium there by what the rule is.
            | :? StepGroups -> ()
            | _ when e.Dataset.ImbalanceFactor > 1. ->
                for group in [ Group.Head; Group.Medium; Group.Tail ] do
                    if not (Array.contains group present) then
                        let name = $"{group}".ToLowerInvariant()

                        Problem.about
                            "imbalance factor"
                            e.Dataset.ImbalanceFactor
                            $"no class counts as {name} by {GroupRule.words rule}"
                            $"its column of the table stays empty; {other}"
            | _ -> ()
        ]

    /// Weights that are nearly uniform: their beta is too small for so many images, or there is no tail to weigh.
    let private weights counts (e: Experiment) =
        let rec betas sampling =
            match sampling with
            | Sampling.EffectiveNumber beta -> [ "sampling beta", beta ]
            | Sampling.Deferred(before, _, after) -> betas before @ betas after
            | _ -> []

        let ofLoss =
            e.Loss.Reweighting |> Option.map (fun r -> "beta", r.Beta) |> Option.toList

        let most, fewest = Array.max counts, Array.min counts

        [
            for field, beta in ofLoss @ betas e.Sampling do
                let weights = ClassWeights.EffectiveNumber(counts, beta)
                let spread = Array.max weights / Array.min weights

                if most = fewest then
                    Problem.about
                        field
                        beta
                        $"every class has {most} images, so all weigh alike"
                        "give the data set a tail, or no weights"
                elif spread < 1.1 then
                    Problem.about
                        field
                        beta
                        $"weighs the rarest class, of {fewest} images, {spread:F2} times the one of {most}"
                        "give 0.999 or so"
        ]

    let private noise (e: Experiment) =
        let halved = Resolution.halveEvery e

        [
            match e.Optimizer.Perturbation, halved with
            | Some(Gnm(_, WithReweighting, _)), Some every when (int e.Schedule.Epochs - 2) / every > 1 ->
                let times = (int e.Schedule.Epochs - 2) / every
                Problem.about "gnm" "" $"its noise halves {times} times" "defer the re-weighting to a later epoch"
            | Some(Gnm(_, PublishedOff, _)), _ ->
                Problem.about
                    "gnm"
                    "PublishedOff"
                    "its noise doubles every epoch, 512 times by epoch 10"
                    "Never keeps it as it is"
            | Some(Gnm(_, _, true)), None ->
                Problem.about
                    "literalGnm"
                    ""
                    "its noise follows a deferred re-weighting, and there is none, so it is gnm"
                    "defer a re-weighting, or halve by Every"
            | _ -> ()
        ]

    let private emptyTail counts (e: Experiment) =
        [
            match e.Optimizer.Perturbation with
            | Some(ImbSam(_, tailBelow)) when counts |> Array.forall (fun n -> n >= tailBelow) ->
                Problem.about
                    "imbSam"
                    tailBelow
                    "no class has fewer images"
                    "it is the base optimizer at another's cost"
            | _ -> ()
        ]

    let private pretraining (file: BackboneFile option) (e: Experiment) =
        let text (rgb: Rgb) = $"{rgb.Red} {rgb.Green} {rgb.Blue}"

        match e.Model.Backbone, file with
        | Pretrained path, Some { Pretraining = learnt } ->
            [
                match learnt.Data with
                | Some data when learnt |> Pretraining.covers e.Dataset ->
                    Problem.about
                        "weights"
                        path
                        $"have learnt {data}, and with it classes that are rare here"
                        "compare tails under the same weights only"
                | _ -> ()
                match learnt.Normalisation with
                | Some own when not (learnt |> Pretraining.isNormalised e.Input.Normalisation) ->
                    Problem.about
                        "normalise mean"
                        (text e.Input.Normalisation.Mean)
                        $"is not what {Path.GetFileName path} was trained with"
                        $"its mean is {text own.Mean}, its deviation {text own.Deviation}"
                | _ -> ()
            ]
        | _ -> []

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

    let private inMemory (e: Experiment) =
        [
            if (Dataset.resident e.Dataset).IsSome then
                let name = Dataset.name e.Dataset

                if e.Dataset.Packed.IsSome then
                    Problem.about "packed" e.Dataset.Packed.Value $"{name} is in memory anyway" "it changes nothing"

                if e.Dataset.Broken = BrokenImages.Skip then
                    Problem.about "skipBroken" "" $"{name} has no image files" "it changes nothing"
        ]

    let private passedOver (files: DataFiles) (e: Experiment) =
        [
            if e.Dataset.Broken = BrokenImages.Skip && files.Facts.EmptyToLearn.Count > 0 then
                Problem.about
                    "skipBroken"
                    ""
                    $"passes over {Rules.emptyOf files.Facts.EmptyToLearn}"
                    "replace them where that is not meant"
        ]

    /// What is odd in the files of a data set, once for all experiments on it.
    let ofFiles (files: DataFiles) =
        [
            for doubt in files.Facts.Doubts ->
                {
                    Where = "data"
                    Field = doubt.Place
                    Value = ""
                    Fault = doubt.Fault
                    Remedy = doubt.Remedy
                }
        ]

    /// Each waits for its experiment, which has no error. The file is that of a pretrained backbone, files those of the
    /// data set.
    let all file (files: DataFiles) (e: Experiment) =
        let counts = Dataset.classCounts files.Facts.Train e.Dataset

        [
            groups counts
            weights counts
            noise
            emptyTail counts
            pretraining file
            biased
            idle
            inMemory
            passedOver files
        ]
        |> List.collect (fun warning -> warning e)

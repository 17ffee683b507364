namespace LongTail

open LongTail.Core.Evaluation
open LongTail.Core.Settings
open LongTail.Spelling

/// What a run's settings are called in a script.
module Written =
    let private dataset (d: DataSettings) =
        let source =
            match d.Source with
            | :? PublishedImages as published -> $"{published.Set}"
            | :? ListedImages as lists -> $"listFiles {text lists.Train} {text lists.Test}"
            | :? ClassFolders as folders -> $"classFolders {text folders.Train} {text folders.Test}"
            | other -> invalidOp $"{other}"

        chain
            [
                source
                |> with' (
                    if d.SelectionSeed = 0u then
                        []
                    else
                        [ $"SelectionSeed = {d.SelectionSeed}u" ]
                )
                match d.Profile, d.ImbalanceFactor with
                | ImbalanceProfile.Step, factor -> $"stepImbalance {number factor}"
                | _, 1. -> ()
                | _, factor -> $"longTailed {number factor}"
                yield! optional (sprintf "imagesPerClass %d") d.LargestClass
                yield! optional (sprintf "testImages %d") d.TestImagesPerClass
                if d.Broken = BrokenImages.Skip then
                    "skipBroken"
                yield! optional (sprintf "packed %d") d.PackedSide
            ]

    let private model (m: ModelSettings) =
        let backbone, everything =
            match m.Backbone with
            | :? PretrainedBackbone as file ->
                chain
                    [
                        $"vit {text file.File}"
                        if file.Activation = Activation.QuickGelu then
                            "quickGelu"
                    ],
                false
            | :? DrawnBackbone as drawn ->
                let s = drawn.Shape

                $"drawnVit {{ InputSide = {s.InputSide}; PatchSize = {s.PatchSize}; Width = {s.Width}; Depth = {s.Depth}; Heads = {s.Heads} }}",
                true
            | other -> invalidOp $"{other}"

        let usual =
            if everything then Tuning.Everything
            elif m.PromptLength = 0 then Tuning.HeadOnly
            else Tuning.PromptsAndHead

        chain
            [
                backbone
                if m.PromptLength > 0 then
                    $"deepPrompts {m.PromptLength}"

                    if m.Readout = Readout.Cls then
                        "clsReadout"
                (if m.Head = HeadKind.Cosine then
                     "cosineHead"
                 else
                     "linearHead")
                if m.HeadInitial = HeadInitial.ClassMeans then
                    "classMeans"
                if m.Tuning <> usual then
                    $"tuning Tuning.{m.Tuning}"
                match m.Dropout with
                | null -> ()
                | dropout when dropout.EpochZeroOnly -> $"dropoutInEpochZero {number dropout.Rate}"
                | dropout -> $"dropout {number dropout.Rate}"
                if m.Precision = Precision.BFloat16 then
                    "bfloat16"
            ]

    let private schedule (s: ScheduleSettings) =
        chain
            [
                $"cosine {s.Epochs}<epoch>"
                if s.WarmupEpochs > 0 then
                    $"warmUp {s.WarmupEpochs}<epoch>"
                if s.LagOneEpoch then
                    "lagged"
            ]

    /// A sampler's word and number.
    let sampler (sampler: SamplerSettings) =
        match sampler with
        | :? InstanceSampling -> "instanceSampling"
        | :? PowerSampling as p when p.Power = 0. -> "classBalancedSampling"
        | :? PowerSampling as p when p.Power = 0.5 -> "squareRootSampling"
        | :? PowerSampling as p -> $"Sampling.ClassPower {number p.Power}"
        | :? ProgressiveSampling -> "progressiveSampling"
        | :? EffectiveNumberSampling as e -> $"effectiveNumberSampling {number e.Beta}"
        | :? ClassAwareSampling as c -> $"classAwareSampling {c.PerClass}"
        | other -> invalidOp $"{other}"

    let private sampling (s: ScheduleSettings) =
        chain
            [
                sampler s.Sampler
                match s.Resampling with
                | null -> ()
                | later -> $"deferResampling {later.After + 1}<epoch> ({sampler later.Sampler})"
            ]

    let private evaluation (e: EvaluationSettings) =
        chain
            [
                (if e.BestOnTest then "bestOnTest" else "afterLastEpoch")
                if e.BatchMeanAccuracy then
                    "batchMeanAccuracy"
                if e.UnscaledConfidence then
                    "unscaledConfidence"
            ]

    let private groups (rule: GroupRule) =
        match rule with
        | :? CountGroups as counts when counts = CountGroups.Usual -> "byCount"
        | :? CountGroups as counts -> $"byThresholds {counts.HeadAbove} {counts.TailBelow}"
        | :? RangeGroups -> "byRange"
        | _ -> "byStep"

    /// Every part of the experiment with what is said of it, in the order of a script: an experiment that says the same is
    /// the same run. What a file of weights tells is left to it: heads, and the activation of CLIP's that is no quickGelu.
    let parts rule (s: RunSettings) =
        [
            "dataset", dataset s.Data
            "input", WrittenInput.words s.Input
            "model", model s.Model
            "loss", WrittenLoss.words s
            "optimizer", WrittenOptimizer.words s
            "schedule", schedule s.Schedule
            "sampling", sampling s.Schedule
            "evaluation", evaluation s.Evaluation
            "groups", groups rule
            "batch", string s.BatchSize
            "seed", $"{s.Seed}L"
        ]

    /// What is said of one part in several experiments, without the words that all of them say; where none is left, all of it.
    let private own part (said: string list) =
        let words = said |> List.map (_.Split(" |> ") >> List.ofArray)
        let shared = words |> List.map set |> Set.intersectMany

        List.map2
            (fun whole own ->
                match own |> List.filter (shared.Contains >> not), part with
                | [], _ -> whole
                // Numbers by themselves.
                | _, ("batch" | "seed") -> $"{part} {whole.TrimEnd 'L'}"
                | own, _ -> chain own)
            said
            words

    /// The words in which experiments differ, for each of them.
    let apart (all: (string * string) list list) =
        let parts =
            [
                for part in all |> List.collect (List.map fst) |> List.distinct do
                    let said = all |> List.map (Map >> Map.tryFind part >> Option.defaultValue "-")

                    if List.length (List.distinct said) > 1 then
                        own part said
            ]

        all |> List.mapi (fun index _ -> parts |> List.map (List.item index))

    let private token pooling =
        match pooling with
        | Pooling.ClassToken -> "class token"
        | Pooling.AverageThenNorm -> "mean of the patches, then LN"
        | _ -> "LN, then mean of the patches"

    let private mlp activation =
        match activation with
        | Activation.QuickGelu -> "quickGelu"
        | _ -> "gelu"

    /// What the files held that the run was computed from.
    let files (s: RunSettings) =
        [
            "data files", $"hash {s.Data.ContentHash}"
            match s.Model.Backbone with
            | :? PretrainedBackbone as file ->
                "weights file",
                $"{file.Heads} heads, {mlp file.Activation}, {token file.Pooling}, hash {file.ContentHash}"
            | _ -> ()
        ]

    /// The parts of the experiment and what its files held.
    let whole rule settings = parts rule settings @ files settings

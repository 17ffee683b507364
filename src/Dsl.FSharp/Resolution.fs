namespace LongTail

open System
open LongTail.Core.Settings

/// Turns a sound experiment into the plain settings of Core: no default is left to choose.
module Resolution =
    /// E of GNM's noise multiplier: the last epoch before the re-weighting, unless the experiment says otherwise.
    let halveEvery (e: Experiment) =
        match e.Optimizer.Perturbation, e.Loss.Reweighting with
        | Some(Gnm(_, WithReweighting, _)), Some r -> Some(int r.From - 1)
        | Some(Gnm(_, Every epochs, _)), _ -> Some(int epochs)
        | _ -> None

    let private backbone (file: BackboneFile option) e : BackboneSettings * int =
        match e.Model.Backbone, file with
        | Pretrained path, Some file -> PretrainedBackbone(path, file.ContentHash), file.InputSide
        | Pretrained path, None -> invalidOp $"nobody has looked into {path}"
        | Drawn s, _ ->
            DrawnBackbone(VisionTransformerShape(s.InputSide, s.PatchSize, s.Width, s.Depth, s.Heads)), s.InputSide

    let private loss (e: Experiment) : LossSettings =
        let scale =
            match e.Loss.Scale, e.Model.Head with
            | Some scale, _ -> scale
            | None, HeadKind.Cosine -> 25.
            | None, _ -> 1.

        let logits: LogitSettings =
            match e.Loss.Kind with
            | CrossEntropy -> PlainLogits()
            | GaussianClouded(margin, noise) -> GaussianCloudedSettings(margin, noise)

        LossSettings(scale, logits, null, null)

    let private optimizer (e: Experiment) =
        let o = e.Optimizer

        let plain: BaseOptimizerSettings =
            match o.Base with
            | Sgd -> SgdSettings(o.LearningRate, Option.defaultValue 0. o.Momentum, false, o.WeightDecay)
            | AdamW -> AdamWSettings(o.LearningRate, o.WeightDecay)

        let perturbation: PerturbationSettings option =
            match o.Perturbation with
            | None -> None
            | Some(Sam rho) -> Some(SamSettings rho)
            | Some(Gnm(radius, _, doubled)) -> Some(GnmSettings(radius, Option.toNullable (halveEvery e), doubled))

        OptimizerSettings(plain, Option.toObj perturbation, ParameterGroups.Alike, Nullable(), Nullable(), 1)

    /// The file is that of a pretrained backbone. Only for an experiment without errors.
    let resolve file (e: Experiment) =
        let d, i, m, s = e.Dataset, e.Input, e.Model, e.Schedule
        let backbone, ownSide = backbone file e

        let readout =
            match m.Readout with
            | Some readout -> readout
            | None when m.PromptLength > 0 -> Readout.ClsAndPrompts
            | None -> Readout.Cls

        // Without prompts the two are one computation, so they must be one run.
        let tuning =
            match m.Tuning with
            | Tuning.PromptsAndHead when m.PromptLength = 0 -> Tuning.HeadOnly
            | tuning -> tuning

        RunSettings(
            DataSettings(
                d.Set,
                d.Profile,
                d.ImbalanceFactor,
                Option.toNullable d.ImagesPerClass,
                Option.toNullable d.TestImages,
                d.SelectionSeed
            ),
            InputSettings(
                Option.defaultValue ownSide i.Side,
                i.Normalisation.Mean,
                i.Normalisation.Deviation,
                i.CropPadding,
                i.Flip
            ),
            ModelSettings(backbone, m.PromptLength, readout, m.Head, m.HeadInitial, tuning, null),
            loss e,
            optimizer e,
            ScheduleSettings(
                int s.Epochs,
                s.Lagged,
                int s.Warmup,
                e.Loss.Reweighting
                |> Option.map (fun r -> DeferredReweighting(int r.From - 1, r.Beta))
                |> Option.toObj,
                InstanceSampling(),
                null
            ),
            EvaluationSettings.Plain,
            e.Batch,
            e.Seed
        )

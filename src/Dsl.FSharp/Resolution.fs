namespace LongTail

open System
open LongTail.Core.Settings

/// Turns a sound experiment into the plain settings of Core: no default is left to choose.
module Resolution =
    /// E of GNM's noise multiplier: the last epoch before the re-weighting, unless the experiment says otherwise.
    let halveEvery (e: Experiment) =
        match e.Optimizer.Perturbation, e.Loss.Reweighting with
        | Some(Gnm(_, WithReweighting, _)), Some r when r.From > 0<epoch> -> Some(int r.From - 1)
        | Some(Gnm(_, Every epochs, _)), _ -> Some(int epochs)
        | Some(Gnm(_, PublishedOff, _)), _ -> Some -1
        | _ -> None

    let private backbone (file: BackboneFile option) e : BackboneSettings * int =
        match e.Model.Backbone, file with
        | Pretrained _, Some file ->
            // What the file tells makes no other run when it is said too.
            let heads = file |> BackboneFile.heads e.Model |> Option.get
            let activation = file.Activation |> Option.orElse e.Model.Activation |> Option.get
            PretrainedBackbone(file.File, file.ContentHash, heads, activation, file.Pooling), file.InputSide
        | Pretrained path, None -> invalidOp $"nobody has looked into {path}"
        | Drawn s, _ ->
            DrawnBackbone(VisionTransformerShape(s.InputSide, s.PatchSize, s.Width, s.Depth, s.Heads)), s.InputSide

    let private transforms list : TransformSettings array =
        [|
            for transform in list do
                match transform with
                | Transform.Crop padding -> RandomCrop padding
                | Transform.RandomResizedCrop(side, area, aspect) -> RandomResizedCrop(side, area, aspect)
                | Transform.Flip -> RandomFlip()
                | Transform.AutoAugment policy -> AutoAugment policy
                | Transform.RandAugment(operations, magnitude) -> RandAugment(operations, magnitude)
                | Transform.ColourJitter(brightness, contrast, saturation) ->
                    ColourJitter(brightness, contrast, saturation)
                | Transform.Cutout side -> Cutout side
                | Transform.Resize side -> Resize side
                | Transform.ResizeShort side -> ResizeShort side
                | Transform.CentreCrop side -> CentreCrop side
        |]

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
            | Ldam(margin, unscaled) -> LdamSettings(margin, unscaled)
            | LogitAdjusted tau -> LogitAdjustmentSettings tau

        let smoothing s =
            match s.Curve with
            | Concave -> SmoothingSettings(s.Largest, s.Smallest, SmoothingShape.Concave, 1.)
            | Linear -> SmoothingSettings(s.Largest, s.Smallest, SmoothingShape.Linear, 1.)
            | Convex -> SmoothingSettings(s.Largest, s.Smallest, SmoothingShape.Convex, 1.)
            | Power exponent -> SmoothingSettings(s.Largest, s.Smallest, SmoothingShape.Power, exponent)

        // Without class weights the two focal factors are one computation, so they must be one run.
        let focal f =
            FocalSettings(f.Gamma, f.OfWeighted && e.Loss.Reweighting.IsSome)

        LossSettings(
            scale,
            logits,
            e.Loss.Smoothing |> Option.map smoothing |> Option.toObj,
            e.Loss.Focal |> Option.map focal |> Option.toObj
        )

    // Without prompts the two are one computation.
    let private tuning model =
        match model.Tuning with
        | Tuning.PromptsAndHead when model.PromptLength = 0 -> Tuning.HeadOnly
        | tuning -> tuning

    /// Whether the optimizer has values of this part to move.
    let trains part model =
        match part with
        | Head -> true
        | Prompts -> model.PromptLength > 0 && tuning model <> Tuning.HeadOnly
        | Backbone -> tuning model = Tuning.Everything

    let private optimizer (e: Experiment) =
        let o = e.Optimizer

        let plain: BaseOptimizerSettings =
            match o.Base with
            | Sgd -> SgdSettings(o.LearningRate, Option.defaultValue 0. o.Momentum, o.Nesterov, o.WeightDecay)
            | AdamW -> AdamWSettings(o.LearningRate, o.WeightDecay)

        let perturbation: PerturbationSettings option =
            match o.Perturbation, halveEvery e with
            | None, _ -> None
            | Some(Gnm(radius, _, literal)), Some every -> Some(GnmSettings(radius, every, literal))
            // Noise that never halves is the same to the letter.
            | Some(Gnm(radius, _, _)), None -> Some(GnmSettings(radius, Nullable(), false))
            | Some(Sam rho), _ -> Some(SamSettings rho)
            | Some(Asam rho), _ -> Some(AsamSettings rho)
            | Some(ImbSam(rho, tailBelow)), _ -> Some(ImbSamSettings(rho, tailBelow))
            | Some(FocalSam(rho, gamma, sharpness)), _ -> Some(FocalSamSettings(rho, gamma, sharpness))
            | Some(LpfSgd(deviation, draws, growth)), _ -> Some(LpfSgdSettings(deviation, draws, growth))
            | Some(Rwp(deviation, mix)), _ -> Some(RwpSettings(deviation, mix))

        // Factors that nothing uses must not make two runs of one computation.
        let group part factors =
            if not (trains part e.Model) then
                GroupSettings(1., 1.)
            elif perturbation.IsNone then
                GroupSettings(factors.Rate, 1.)
            else
                GroupSettings(factors.Rate, factors.Radius)

        OptimizerSettings(
            plain,
            Option.toObj perturbation,
            ParameterGroups(group Prompts o.Groups.Prompts, group Head o.Groups.Head, group Backbone o.Groups.Backbone),
            Option.toNullable o.Clip,
            Option.toNullable o.Average,
            o.MicroBatches
        )

    let private sampler sampling : SamplerSettings =
        match sampling with
        | Sampling.Instance -> InstanceSampling()
        | Sampling.ClassPower power -> PowerSampling power
        | Sampling.Progressive -> ProgressiveSampling()
        | Sampling.EffectiveNumber beta -> EffectiveNumberSampling beta
        | Sampling.ClassAware perClass -> ClassAwareSampling perClass
        | Sampling.Deferred _ -> invalidOp "a sampler that is deferred twice"

    let private schedule (e: Experiment) =
        let s = e.Schedule

        let first, later =
            match e.Sampling with
            | Sampling.Deferred(before, from, after) -> before, Some(DeferredResampling(int from - 1, sampler after))
            | always -> always, None

        ScheduleSettings(
            int s.Epochs,
            s.Lagged,
            int s.Warmup,
            e.Loss.Reweighting
            |> Option.map (fun r -> DeferredReweighting(int r.From - 1, r.Beta))
            |> Option.toObj,
            sampler first,
            Option.toObj later
        )

    // What only files need must not make two runs of one computation.
    let private data (files: DataFiles) (d: Dataset) =
        let broken, packed =
            match Dataset.resident d with
            | Some _ -> BrokenImages.Fail, None
            | None -> d.Broken, d.Packed

        DataSettings(
            files.Source,
            d.Profile,
            d.ImbalanceFactor,
            Option.toNullable d.ImagesPerClass,
            Option.toNullable d.TestImages,
            d.SelectionSeed,
            broken,
            Option.toNullable packed,
            files.Facts.ContentHash
        )

    /// The file is that of a pretrained backbone, files those of the data set. Only for an experiment without errors.
    let resolve file files (e: Experiment) =
        let i, m, v = e.Input, e.Model, e.Evaluation
        let backbone, ownSide = backbone file e

        let readout =
            match m.Readout with
            | Some readout -> readout
            | None when m.PromptLength > 0 -> Readout.ClsAndPrompts
            | None -> Readout.Cls

        let dropout =
            m.Dropout
            |> Option.filter (fun d -> d.Rate > 0.)
            |> Option.map (fun d -> DropoutSettings(d.Rate, d.EpochZeroOnly))

        RunSettings(
            data files e.Dataset,
            InputSettings(
                transforms (Input.training ownSide i),
                transforms (Input.testing ownSide i),
                i.Normalisation.Mean,
                i.Normalisation.Deviation
            ),
            ModelSettings(
                backbone,
                m.PromptLength,
                readout,
                m.Head,
                m.HeadInitial,
                tuning m,
                Option.toObj dropout,
                m.Precision
            ),
            loss e,
            optimizer e,
            schedule e,
            EvaluationSettings(
                Option.defaultValue 0. e.Loss.PostHoc,
                v.BatchMeanAccuracy,
                v.UnscaledConfidence,
                v.BestOnTest
            ),
            e.Batch,
            e.Seed
        )

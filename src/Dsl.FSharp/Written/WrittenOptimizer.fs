namespace LongTail

open LongTail.Core.Settings
open LongTail.Spelling

/// What an optimizer's settings are called in a script.
module internal WrittenOptimizer =
    /// As the language has it. E is the last epoch before the re-weighting where it halves with that.
    let private meant (reweighting: DeferredReweighting | null) (settings: PerturbationSettings) =
        let deferred =
            reweighting
            |> Option.ofObj
            |> Option.map _.After
            |> Option.filter (fun after -> after >= 0)

        match settings with
        | :? GnmSettings as g ->
            let halving =
                match Option.ofNullable g.HalveEvery with
                | every when every = deferred -> WithReweighting
                | Some -1 -> PublishedOff
                | Some epochs -> Every(epochs * 1<epoch>)
                | None -> Never

            Gnm(g.Radius, halving, g.Literal)
        | :? SamSettings as s -> Sam s.Rho
        | :? AsamSettings as s -> Asam s.Rho
        | :? ImbSamSettings as s -> ImbSam(s.Rho, s.TailBelow)
        | :? FocalSamSettings as s -> FocalSam(s.Rho, s.Gamma, s.Sharpness)
        | :? LpfSgdSettings as s -> LpfSgd(s.Deviation, s.Draws, s.Growth)
        | :? RwpSettings as s -> Rwp(s.Deviation, s.Mix)
        | other -> invalidOp $"{other}"

    let private halving halving =
        match halving with
        | Every epochs -> $"Every {epochs}<epoch>"
        | other -> $"{other}"

    let private perturbation perturbation =
        let plain = sgd 1.

        let means (word: Optimizer -> Optimizer) =
            (word plain).Perturbation = Some perturbation

        match perturbation with
        | Gnm(radius, _, _) when means (gnm radius) -> $"gnm {number radius}"
        | Gnm(radius, _, _) when means (literalGnm radius) -> $"literalGnm {number radius}"
        | Gnm(radius, halves, literal) -> $"perturbed (Gnm({number radius}, {halving halves}, %b{literal}))"
        | Sam rho -> $"sam {number rho}"
        | Asam rho -> $"asam {number rho}"
        | ImbSam(rho, _) when means (imbSam rho) -> $"imbSam {number rho}"
        | ImbSam(rho, tailBelow) -> $"perturbed (ImbSam({number rho}, {tailBelow}))"
        | FocalSam(rho, gamma, sharpness) -> $"focalSam {number rho} {number gamma} {number sharpness}"
        | LpfSgd(deviation, draws, _) when means (lpfSgd deviation draws) -> $"lpfSgd {number deviation} {draws}"
        | LpfSgd(deviation, draws, growth) -> $"perturbed (LpfSgd({number deviation}, {draws}, {number growth}))"
        | Rwp(deviation, _) when means (rwp deviation) -> $"rwp {number deviation}"
        | Rwp(deviation, mix) -> $"perturbed (Rwp({number deviation}, {number mix}))"

    let words (s: RunSettings) =
        let o = s.Optimizer

        let factors part (group: GroupSettings) =
            [
                if group.RateFactor <> 1. then
                    $"rateTimes {number group.RateFactor} {part}"
                if group.RadiusFactor <> 1. then
                    $"radiusTimes {number group.RadiusFactor} {part}"
            ]

        chain
            [
                match o.Base with
                | :? SgdSettings as sgd ->
                    $"sgd {number sgd.LearningRate}"

                    if sgd.Momentum <> 0. then
                        $"momentum {number sgd.Momentum}"

                    if sgd.Nesterov then
                        "nesterov"
                | plain -> $"adamW {number plain.LearningRate}"
                if o.Base.WeightDecay <> 0. then
                    $"weightDecay {number o.Base.WeightDecay}"
                match o.Perturbation with
                | null -> ()
                | settings -> perturbation (meant s.Schedule.Reweighting settings)
                yield! factors Prompts o.Groups.Prompts
                yield! factors Head o.Groups.Head
                yield! factors Backbone o.Groups.Backbone
                yield! optional (number >> sprintf "clipped %s") o.ClipNorm
                yield! optional (number >> sprintf "averaged %s") o.AverageDecay
                if o.MicroBatches <> 1 then
                    $"microBatches {o.MicroBatches}"
            ]

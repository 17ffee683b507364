namespace LongTail

open LongTail.Core.Settings

/// What loss, optimizer and sampling must keep to.
module internal TrainingRules =
    let private wrong = Rules.wrong
    let private share = Rules.share

    let private negative field value remedy =
        [
            if value < 0. then
                wrong field value "is negative" remedy
        ]

    /// An epoch in which something begins that was not there before.
    let private begins field (first: int) (from: int<epoch>) (e: Experiment) =
        let last = int e.Schedule.Epochs - 1

        [
            // Without epochs nothing begins, so that a sweep over their number may have 0 among it.
            if int from < first || (int from > last && last >= 0) then
                wrong
                    field
                    from
                    (if last < first then
                         $"is not an epoch in which it can begin, for there are {last + 1}"
                     else
                         $"is not one of epochs {first} to {last}")
                    (if last < first then
                         "give more epochs"
                     else
                         $"give {first} to {last}")
        ]

    let private logits (e: Experiment) =
        let onCosines name =
            [
                if e.Model.Head <> HeadKind.Cosine then
                    wrong "loss" name "needs cosines" "take cosineHead, or crossEntropy"
            ]

        let margin field value =
            [
                if value < 0. || value >= 2. then
                    wrong field value "is taken off a cosine" "give 0 or more and less than 2"
            ]

        match e.Loss.Kind with
        | CrossEntropy -> []
        | GaussianClouded(m, noise) ->
            onCosines "gcl"
            @ margin "gcl margin" m
            @ negative "gcl noise" noise "give 0 or more"
        | Ldam(m, _) -> onCosines "ldam" @ margin "ldam margin" m
        | LogitAdjusted tau -> negative "logitAdjusted tau" tau "give 1 or so"

    let loss (e: Experiment) =
        let l = e.Loss

        [
            yield! logits e
            match l.Scale with
            | Some scale when scale <= 0. -> wrong "loss scale" scale "multiplies every output" "give a number above 0"
            | _ -> ()
            match l.Smoothing with
            | Some s ->
                for part in List.distinct [ s.Largest; s.Smallest ] do
                    yield! share "smoothing" part "give 0.1 or so"

                match s.Curve with
                | Power exponent when exponent <= 0. ->
                    wrong "smoothing power" exponent "does not rise with the class" "give a number above 0"
                | _ -> ()
            | None -> ()
            match l.Focal with
            | Some focal -> yield! negative "focal gamma" focal.Gamma "give 0 or more, 1 or so"
            | None -> ()
            match l.Reweighting with
            | Some r ->
                yield! begins "re-weighting from epoch" 0 r.From e
                yield! share "beta" r.Beta "give 0.999 or so"
            | None -> ()
            match l.PostHoc with
            | Some tau -> yield! negative "post-hoc tau" tau "give 1 or so"
            | None -> ()
        ]

    let private perturbation (e: Experiment) =
        let length field rho = negative field rho "give 0.05 or so"

        match e.Optimizer.Perturbation with
        | None -> []
        | Some(Sam rho) -> length "sam rho" rho
        | Some(Asam rho) -> negative "asam rho" rho "give 0.5 or so"
        | Some(ImbSam(rho, tailBelow)) ->
            [
                yield! length "imbSam rho" rho
                if tailBelow < 1 then
                    wrong "imbSam tail below" tailBelow "is no number of images" "give 20 or so"
            ]
        | Some(FocalSam(rho, gamma, sharpness)) ->
            length "focalSam rho" rho
            @ negative "focalSam gamma" gamma "give 1 or so"
            @ negative "focalSam sharpness" sharpness "give 0.5 or so"
        | Some(LpfSgd(deviation, draws, growth)) ->
            [
                yield! negative "lpfSgd deviation" deviation "give 0.001 or so"
                if draws < 1 || draws > max 1 e.Batch then
                    wrong "lpfSgd draws" draws $"is no number of shares of a batch of {e.Batch}" $"give 1 to {e.Batch}"
                if growth <= 0. then
                    wrong
                        "lpfSgd growth"
                        growth
                        "is the deviation at the end over that at the start"
                        "give 1 to keep it"
            ]
        | Some(Rwp(deviation, mix)) ->
            [
                yield! negative "rwp deviation" deviation "give 0.01 or so"
                if mix < 0. || mix > 1. then
                    wrong "rwp mix" mix "must be at least 0 and at most 1" "give 0.5 or so"
            ]
        | Some(Gnm(radius, halving, literal)) ->
            [
                yield! negative "gnm radius" radius "give 0.005 or so"
                match halving, e.Loss.Reweighting with
                | Every epochs, _ when int epochs < 1 ->
                    wrong "halving every" epochs "is no number of epochs" "give 1 or more, or Never"
                | WithReweighting, Some r when int r.From = 1 ->
                    wrong "re-weighting from epoch" r.From "halves GNM's noise every 0 epochs" "defer to 2 or later"
                | PublishedOff, _ when not literal ->
                    wrong "halving" "PublishedOff" "is a quirk of the literal noise" "take it literally, or Never"
                | _ -> ()
            ]

    let optimizer (e: Experiment) =
        let o = e.Optimizer
        let groups = [ o.Groups.Prompts; o.Groups.Head; o.Groups.Backbone ]

        [
            yield! negative "learning rate" o.LearningRate "give a number above 0, or 0 to move nothing"
            yield! negative "weight decay" o.WeightDecay "give 0 for none"
            match o.Base, o.Momentum with
            | AdamW, Some factor -> wrong "momentum" factor "is no part of AdamW" "take it away, or take sgd"
            | Sgd, Some factor -> yield! share "momentum" factor "give 0.9 or so"
            | _ -> ()
            match o.Base, o.Momentum with
            | AdamW, _ when o.Nesterov -> wrong "nesterov" "" "is no part of AdamW" "take it away, or take sgd"
            | Sgd, (None | Some 0.) when o.Nesterov -> wrong "nesterov" "" "has no momentum" "give momentum 0.9 or so"
            | _ -> ()
            yield! perturbation e
            for factors in groups do
                yield! negative "rate factor" factors.Rate "give 1 for the optimizer's own, 0 to hold still"
                yield! negative "radius factor" factors.Radius "give 1 for the perturbation's own, 0 for none"
            match o.Clip with
            | Some norm when norm <= 0. -> wrong "clip norm" norm "leaves no gradient" "give a number above 0"
            | _ -> ()
            match o.Average with
            | Some decay when decay <= 0. || decay >= 1. ->
                wrong "average decay" decay "must be above 0 and below 1" "give 0.999 or so"
            | _ -> ()
            if o.MicroBatches < 1 || o.MicroBatches > max 1 e.Batch then
                wrong "micro-batches" o.MicroBatches $"cannot share a batch of {e.Batch}" $"give 1 to {e.Batch}"
        ]

    let sampling (e: Experiment) =
        let sound sampling =
            match sampling with
            | Sampling.Instance
            | Sampling.Progressive -> []
            | Sampling.ClassPower power ->
                [
                    if abs power > PowerSampling.Limit then
                        wrong
                            "sampling power"
                            power
                            $"must be from {-PowerSampling.Limit} to {PowerSampling.Limit}"
                            "give 0 for class-balanced, 0.5 for square-root, 1 for instance sampling"
                ]
            | Sampling.EffectiveNumber beta -> share "sampling beta" beta "give 0.999 or so"
            | Sampling.ClassAware perClass ->
                [
                    if perClass < 1 then
                        wrong "classAwareSampling" perClass "takes no image of a class" "give 4 or so"
                ]
            | Sampling.Deferred _ -> [ wrong "sampling" "" "is deferred twice" "defer it once" ]

        match e.Sampling with
        | Sampling.Deferred(before, from, after) ->
            sound before @ sound after @ begins "re-sampling from epoch" 1 from e
        | sampling -> sound sampling

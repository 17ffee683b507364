namespace LongTail

open LongTail.Core.Settings
open LongTail.Spelling

/// What a loss's settings are called in a script.
module internal WrittenLoss =
    let private smoothing (s: SmoothingSettings) =
        match s.Shape with
        | SmoothingShape.Linear when s.Head = s.Tail -> $"labelSmoothing {number s.Head}"
        | SmoothingShape.Power -> $"labelAwareSmoothing (Power {number s.Exponent}) {number s.Head} {number s.Tail}"
        | shape -> $"labelAwareSmoothing {shape} {number s.Head} {number s.Tail}"

    let private reweighting (l: LossSettings) (r: DeferredReweighting) =
        // What deferReweighting takes where no beta is said.
        let published =
            match l.Logits with
            | :? GaussianCloudedSettings -> (gcl 25. |> deferReweighting 1<epoch>).Reweighting
            | _ -> (crossEntropy |> deferReweighting 1<epoch>).Reweighting

        if r.After < 0 then
            [ $"classBalanced {number r.Beta}" ]
        else
            [
                $"deferReweighting {r.After + 1}<epoch>"
                if published |> Option.forall (fun own -> own.Beta <> r.Beta) then
                    $"reweightingBeta {number r.Beta}"
            ]

    let words (s: RunSettings) =
        let l = s.Loss

        let scaled =
            [
                if l.Scale <> (if s.Model.Head = HeadKind.Cosine then 25. else 1.) then
                    $"scaled {number l.Scale}"
            ]

        let withMargin (own: Loss) kind width =
            [
                if own.Kind <> kind then
                    $"margin {number width}"
            ]

        chain
            [
                match l.Logits with
                | :? GaussianCloudedSettings as g ->
                    let own, kind = gcl l.Scale, GaussianClouded(g.Margin, g.Noise)
                    let word = $"gcl {number l.Scale}"

                    if (margin g.Margin own).Kind = kind then
                        word
                        yield! withMargin own kind g.Margin
                    else
                        word |> with' [ $"Kind = GaussianClouded({number g.Margin}, {number g.Noise})" ]
                | :? LdamSettings as m ->
                    let word, own =
                        if m.UnscaledLogits then
                            "unscaledLdam", unscaledLdam l.Scale
                        else
                            "ldam", ldam l.Scale

                    $"{word} {number l.Scale}"
                    yield! withMargin own (Ldam(m.LargestMargin, m.UnscaledLogits)) m.LargestMargin
                | :? LogitAdjustmentSettings as a ->
                    if a.Tau = 1. then
                        "balancedSoftmax"
                    else
                        $"logitAdjusted {number a.Tau}"

                    yield! scaled
                | _ ->
                    "crossEntropy"
                    yield! scaled
                yield! l.Smoothing |> Option.ofObj |> Option.map smoothing |> Option.toList
                match l.Focal with
                | null -> ()
                | focal -> (if focal.OfWeighted then "focalOfWeighted " else "focal ") + number focal.Gamma
                match s.Schedule.Reweighting with
                | null -> ()
                | r -> yield! reweighting l r
                if s.Evaluation.PriorTau <> 0. then
                    $"adjustedPostHoc {number s.Evaluation.PriorTau}"
            ]

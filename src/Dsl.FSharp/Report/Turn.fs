namespace LongTail.Reports

open LongTail
open LongTail.Core.Optimizers
open LongTail.Core.Settings

/// An epoch from which on the training loss is another number, so that its curve may jump there.
type Turn =
    {
        /// Epochs that are done before it.
        Epoch: int
        /// In a word or three.
        Label: string
        Why: string
    }

module Turn =
    /// More than these are told of the first.
    let private most = 3

    let private reweighting (s: ScheduleSettings) =
        [
            match s.Reweighting with
            | null -> ()
            | r when r.After >= 0 ->
                {
                    Epoch = r.After + 1
                    Label = "re-weighting"
                    Why =
                        "the loss weighs images by their class from here on, so its values before and after do not compare"
                }
            | _ -> ()
        ]

    let private resampling (s: ScheduleSettings) =
        [
            match s.Resampling with
            | null -> ()
            | later ->
                {
                    Epoch = later.After + 1
                    Label = Written.sampler later.Sampler
                    Why =
                        "epochs draw other shares of the classes from here on, so values before and after do not compare"
                }
        ]

    let private noise (s: RunSettings) =
        match s.Optimizer.Perturbation with
        | :? GnmSettings as gnm ->
            let at epoch =
                NoiseMultiplier.At(epoch, gnm.HalveEvery, gnm.Literal)

            let turns =
                [
                    for epoch in 1 .. s.Schedule.Epochs - 1 do
                        if at epoch <> at (epoch - 1) then
                            let smaller = at epoch < at (epoch - 1)
                            let size = if smaller then "half" else "twice"

                            {
                                Epoch = epoch
                                Label = if smaller then "noise halves" else "noise doubles"
                                Why = $"the loss is taken under GNM's noise, which is {size} as large from here on"
                            }
                ]

            if turns.Length > most then
                [
                    { turns.Head with
                        Why = $"{turns.Head.Why}, and so at {turns.Length - 1} later epochs"
                    }
                ]
            else
                turns
        | _ -> []

    let private dropout (m: ModelSettings) =
        [
            match m.Dropout with
            | null -> ()
            | dropout when dropout.EpochZeroOnly ->
                {
                    Epoch = 1
                    Label = "dropout ends"
                    Why = "the loss is taken without dropout from here on"
                }
            | _ -> ()
        ]

    /// In the order of their epochs, those that training comes to. A warm-up ends without a jump: the rate is the same
    /// there on both of its sides.
    let ofSettings (s: RunSettings) =
        reweighting s.Schedule @ resampling s.Schedule @ noise s @ dropout s.Model
        |> List.filter (fun turn -> turn.Epoch > 0 && turn.Epoch < s.Schedule.Epochs)
        |> List.sortBy _.Epoch

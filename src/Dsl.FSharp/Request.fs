namespace LongTail

/// What a script asks for. A script is heard to its end before anything of it is done.
type Request =
    | Run of Sweep
    | Differences of Contrast list * Sweep
    | Beside of PublishedTable * Sweep
    /// File and card of a backbone, and the sweep of the run that trains it.
    | SaveBackbone of string * (string * string) list * Sweep

module Request =
    /// What keeps a run from having a backbone worth keeping: without training it is that which the experiment began with.
    let private unmoved file (e: Experiment) =
        let problem fault remedy =
            [ Problem.ofSweep "saveBackbone" file fault remedy ]

        let o = e.Optimizer

        if not (Resolution.trains Backbone e.Model) then
            let given =
                match e.Model.Backbone with
                | Pretrained path -> $"{path}, unchanged"
                | Drawn _ -> "that which was drawn"

            problem
                $"would be {given}: the experiment keeps its backbone frozen"
                "let it learn, `|> tuning Tuning.Everything` in the model, or leave saveBackbone out"
        elif
            e.Schedule.Epochs = 0<epoch>
            || o.LearningRate = 0.
            || o.Groups.Backbone.Rate = 0.
        then
            problem
                "would be the backbone that the experiment begins with: 0 epochs or a rate of 0 move nothing"
                "give it epochs and a rate, or leave saveBackbone out"
        else
            []

    /// What makes no sense in a request, whatever its results.
    let faults request =
        match request with
        | Run _ -> []
        | Differences([], _) ->
            [
                Problem.ofSweep
                    "differences"
                    ""
                    "asks for no contrast"
                    "name one, as `differences [ contrast perturbation (gnm 0.005) none accuracy ]`"
            ]
        | Differences(contrasts, sweep) -> Sweep.unanswerable contrasts sweep
        | Beside(published, sweep) -> Published.faults published sweep
        | SaveBackbone(file, _, sweep) ->
            match Sweep.settings sweep with
            | [ one ] -> unmoved file one.Experiment
            | many ->
                [
                    Problem.ofSweep
                        "saveBackbone"
                        file
                        $"is the backbone of one run, and here are {many.Length}"
                        "keep one with Sweep.where"
                ]

    let private contrasts request =
        match request with
        | Differences(contrasts, _) -> contrasts
        | _ -> []

    /// All sweeps to run as one, with what is asked of their results and what is wrong with that; None where none is run.
    let whole requests =
        match
            requests
            |> List.choose (function
                | Run sweep -> Some sweep
                | _ -> None)
        with
        | [] -> None
        | sweeps ->
            List.reduce Sweep.union sweeps
            |> Sweep.along (List.collect contrasts requests) (List.collect faults requests)
            |> Some

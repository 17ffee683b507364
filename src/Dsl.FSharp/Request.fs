namespace LongTail

/// What a script asks for. A script is heard to its end before anything of it is done.
type Request =
    | Run of Sweep
    | Differences of Contrast list * Sweep
    | Beside of PublishedTable * Sweep
    /// File and card of a backbone, and the sweep of the run that trains it.
    | SaveBackbone of string * (string * string) list * Sweep

module Request =
    let private faults request =
        match request with
        | Run _ -> []
        | Differences(contrasts, sweep) -> Sweep.unanswerable contrasts sweep
        | Beside(published, sweep) -> Published.faults published sweep
        | SaveBackbone(file, _, sweep) ->
            match (Sweep.settings sweep).Length with
            | 1 -> []
            | many ->
                [
                    Problem.ofSweep
                        "saveBackbone"
                        file
                        $"is the backbone of one run, and here are {many}"
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

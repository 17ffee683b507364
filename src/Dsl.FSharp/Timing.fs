namespace LongTail

open LongTail.Core.Training

/// With what of the machine runs were timed.
module Timing =
    let private ofEach (results: RunResult seq) =
        results |> Seq.choose (_.Share >> Option.ofObj)

    /// Of those results that have an epoch, each once.
    let shares results =
        ofEach results |> Seq.distinct |> List.ofSeq

    let private beside (share: MachineShare) =
        if share.Beside = 0 then
            "alone"
        else
            $"""beside {Decimals.counted share.Beside "other run"}"""

    /// On what, and beside how many others.
    let words (share: MachineShare) =
        let place =
            if share.Device = "cpu" then
                Decimals.counted share.Threads "thread"
            else
                share.Device

        $"on {place} {beside share}"

    /// What a table's times are, and which of them hold for another share of the machine; nothing where no run has an epoch.
    let lines results =
        let counts =
            ofEach results |> Seq.countBy id |> Seq.sortByDescending snd |> List.ofSeq

        [
            if not counts.IsEmpty then
                "s/epoch: training steps of the fastest epoch; cost: s/epoch over that of the same setting without perturbation."
            match counts with
            | [] -> ()
            | [ one, _ ] when one.Beside = 0 -> ()
            | [ one, _ ] -> $"Timed {beside one} of this process (--workers): a run by itself takes less time an epoch."
            | several ->
                let told =
                    [
                        for share, runs in several -> $"""{Decimals.counted runs "run"} {words share}"""
                    ]
                    |> String.concat ", "

                $"Not timed alike: {told}. Cost is told only between rows that were."
        ]

    /// What a table's column of memory is.
    let memory =
        "Memory: peak of the whole process while a run went, so also what earlier runs left in it and what runs beside it took."

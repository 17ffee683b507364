namespace LongTail

open LongTail.Core.Training

/// A run that a table is not made of, though what the table is of has it.
type Gap =
    {
        /// None of a run that was left out.
        Hash: string option
        /// With its seed where there are several.
        Called: string
        /// Of a script: axis and value.
        Labels: (string * string) list
        Seed: int64 option
        State: string
        /// Why it has no result, where it will have none.
        Why: string option
    }

/// What tables do not have, so that none looks whole that is not.
module Gaps =
    /// Nobody reads more names in a line.
    let private mostNamed = 10

    let private leftOut = "left out"

    /// Of a plan: runs without a result among these, and settings that were not asked for.
    let ofPlan store plan (results: Map<string, RunResult>) =
        let called = Plan.labels (plan.LeftOut @ List.map fst plan.Cells)

        let gap hash called labels seed =
            let state = StoredRun.known store hash

            {
                Hash = Some hash
                Called = called
                Labels = labels
                Seed = seed
                State = StoredRun.word state
                Why = state |> Option.bind StoredRun.reason
            }

        let lacks (hash: string) = not (results.ContainsKey hash)

        [
            for run in plan.Runs do
                if lacks run.Hash && plan.Cells |> List.forall (fun (_, hash) -> hash <> run.Hash) then
                    gap run.Hash run.Label [] None
            for setting, hash in plan.Cells do
                if lacks hash then
                    gap hash (called setting) setting.Labels (Some setting.Experiment.Seed)
            for setting in plan.LeftOut do
                {
                    Hash = None
                    Called = called setting
                    Labels = setting.Labels
                    Seed = Some setting.Experiment.Seed
                    State = leftOut
                    Why = None
                }
        ]

    /// Whether a run came to no result that can be taken, which waiting does not mend.
    let failed gaps = gaps |> List.exists _.Why.IsSome

    /// The first of these names, and how many more there are.
    let listed (names: string list) =
        String.concat "; " (List.truncate mostNamed names)
        + (if names.Length > mostNamed then
               $"; and {names.Length - mostNamed} more"
           else
               "")

    let private sum gaps =
        gaps
        |> List.countBy _.State
        |> List.map (fun (state, count) -> $"{count} {state}")
        |> String.concat ", "

    /// In a sentence, of a table of so many; nothing where no run is missing.
    let brief made (gaps: Gap list) =
        match gaps with
        | [] -> []
        | _ ->
            [
                $"Not in the table: {gaps.Length} of {made + gaps.Length} runs ({sum gaps})."
            ]

    let private opening state =
        if state = leftOut then
            "Left out by --where or --only"
        else
            string (System.Char.ToUpperInvariant state[0]) + state[1..]

    /// The same, which runs these are, and why those have no result that failed.
    let lines made (gaps: Gap list) =
        [
            yield! brief made gaps
            for (state, why), those in gaps |> List.groupBy (fun gap -> gap.State, gap.Why) do
                match why with
                // Every failure is told.
                | Some why ->
                    let why = why.TrimEnd '.'

                    // A damaged run may have no name left; what is wrong with it names its folder.
                    match those |> List.map _.Called |> List.filter ((<>) "") with
                    | [] -> $"{opening state}: {why}."
                    | names -> $"""{opening state}: {String.concat "; " names}: {why}."""
                | None -> $"{opening state}: {those |> List.map _.Called |> listed}."
        ]

    /// The lines of a table of a plan's results; why these runs have none, by hash, has been told.
    let afterTelling (told: Set<string>) store plan (results: Map<string, RunResult>) =
        let frozen = plan.Frozen.Values |> Seq.distinct |> List.ofSeq

        let made =
            (List.map snd plan.Cells @ frozen)
            |> List.filter results.ContainsKey
            |> List.length

        ofPlan store plan results
        |> List.map (fun gap ->
            if gap.Hash |> Option.exists told.Contains then
                { gap with Why = None }
            else
                gap)
        |> lines made

    /// The lines of a table of a plan's results.
    let ofTable store plan results =
        afterTelling Set.empty store plan results

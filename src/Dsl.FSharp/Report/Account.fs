namespace LongTail.Reports

open LongTail
open LongTail.Commands
open LongTail.Core.Training

/// All that a report says.
type Account =
    {
        Title: string
        Judgement: Judgement
        Baseline: string
        /// By falling accuracy.
        Standings: Standing list
        /// The protocol of the numbers.
        Caption: string
        /// The first few standings' pictures, in their order.
        Drawn: Drawn list
        /// Of the drawn.
        Classes: Classes list
        /// Parts of the experiment that are not the same in all, and what is said of each in each of the drawn.
        Settings: (string * string list) list
        /// Those that are, and what is said of each.
        Common: (string * string) list
        Surroundings: Surrounding list
        /// What the analysers say of a script's results.
        Findings: string list
        /// How many runs stand how.
        Runs: (string * int) list
        /// What the leaderboard does not have, and why.
        Gaps: string list
        /// What its times and its memory are.
        Costs: string list
    }

module Account =
    /// More lines than these cannot be told apart in a chart: the palette for the colour-blind has as many colours.
    let private drawn = 6

    let private parts (contenders: Contender list) =
        let written = contenders |> List.map (Contender.written >> Map)

        [
            for part in contenders |> List.collect Contender.written |> List.map fst |> List.distinct do
                part, written |> List.map (Map.tryFind part >> Option.defaultValue "-")
        ]

    /// Of the contenders of a subject's finished runs, which must be some. `apart` says how a report is made of those alone
    /// that are judged on the same images.
    let make
        title
        baseline
        apart
        findings
        environments
        surfaceOf
        (entries: Entry list)
        gaps
        (contenders: Contender list)
        =
        let ranked = contenders |> List.sortBy (fun c -> -Contender.accuracy c, c.Name)
        let standings = Standing.all (Baseline.partners baseline contenders) ranked

        let behind =
            match ranked with
            | first :: second :: _ -> Lead.over second first
            | _ -> None

        let shown = List.truncate drawn ranked

        let common, differing =
            parts ranked
            |> List.partition (fun (_, said) -> List.length (List.distinct said) = 1)

        let trained = ranked |> List.filter (not << Contender.isFrozen)
        let tuned = trained |> List.map Contender.tuned

        {
            Title = title
            Judgement =
                match contenders |> List.distinctBy Contender.judgedOn with
                | [ _ ] ->
                    Judgement.ofStandings (Baseline.words baseline) behind standings
                    |> Judgement.also (ranked.Head |> Contender.tuned |> Tuned.best tuned)
                | several -> Judgement.ofSeveral several.Length apart
            Baseline = Baseline.words baseline
            Standings = standings
            Caption =
                standings
                |> List.map (fun (s: Standing) -> Report.protocol s.Row)
                |> Report.caption (Tuned.lines tuned)
            Drawn = shown |> List.map (Drawn.ofContender surfaceOf)
            Classes = Classes.ofContenders shown
            Settings = [ for part, said in differing -> part, List.truncate drawn said ]
            Common = [ for part, said in common -> part, said.Head ]
            Surroundings = Surroundings.ofRuns environments
            Runs = entries |> List.countBy (_.State >> StoredRun.word)
            Gaps = gaps
            Costs =
                [
                    yield! contenders |> Seq.collect Contender.results |> Timing.lines
                    if standings |> List.exists _.MemoryMiB.IsSome then
                        Timing.memory
                ]
            Findings = findings
        }

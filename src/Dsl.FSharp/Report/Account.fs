namespace LongTail.Reports

open System.Text.Json
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
        /// Settings that are not the same in all: path, and a value for each of the drawn.
        Settings: (string * string list) list
        /// Those that are: path and value.
        Common: (string * string) list
        Surroundings: Surrounding list
        /// What the analysers say of a script's results.
        Findings: string list
        /// How many runs stand how.
        Runs: (string * int) list
        /// What the leaderboard does not have, and why.
        Gaps: string list
    }

module Account =
    /// More lines than these cannot be told apart in a chart: the palette for the colour-blind has as many colours.
    let private drawn = 6

    let private differing paths (shown: Contender list) =
        [
            for path in paths do
                path, shown |> List.map (Contender.value path >> Leaves.text)
        ]

    let private common differing (contender: Contender) =
        let differing = set differing

        [
            for path, value in contender.Settings do
                if value.ValueKind <> JsonValueKind.Null && not (differing.Contains path) then
                    path, Leaves.text (Some value)
        ]

    /// Of the contenders of a subject's finished runs, which must be some.
    let make title baseline findings environments surfaceOf (entries: Entry list) gaps (contenders: Contender list) =
        let ranked = contenders |> List.sortBy (fun c -> -Contender.accuracy c, c.Name)
        let standings = Standing.all (Baseline.partners baseline contenders) ranked

        let behind =
            match ranked with
            | first :: second :: _ -> Lead.over second first
            | _ -> None

        let shown = List.truncate drawn ranked
        let paths = contenders |> List.map _.Settings |> Leaves.differing

        let tuned = ranked |> List.choose Contender.tuned

        {
            Title = title
            Judgement =
                match contenders |> List.distinctBy Contender.judgedOn with
                | [ _ ] ->
                    Judgement.ofStandings (Baseline.words baseline) behind standings
                    |> Judgement.also (tuned |> List.tryHead |> Option.map (Tuned.best tuned) |> Option.defaultValue [])
                | several -> Judgement.ofSeveral several.Length
            Baseline = Baseline.words baseline
            Standings = standings
            Caption =
                standings
                |> List.map (fun (s: Standing) -> Report.protocol s.Row)
                |> Report.caption (Tuned.lines tuned)
            Drawn = shown |> List.map (Drawn.ofContender surfaceOf)
            Classes = Classes.ofContenders shown
            Settings = differing paths shown
            Common = common paths contenders.Head
            Surroundings = Surroundings.ofRuns environments
            Runs = entries |> List.countBy (_.State >> StoredRun.word)
            Gaps = gaps
            Findings = findings
        }

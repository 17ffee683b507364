namespace LongTail.Reports

open LongTail

/// A table as a terminal and a text show it.
type Sheet =
    {
        Title: string
        /// Names of the columns of words, then of those of numbers.
        Words: string list
        Numbers: string list
        Rows: string list list
    }

/// The tables of a report.
module Tables =
    let private sheet title words numbers rows =
        {
            Title = title
            Words = words
            Numbers = numbers
            Rows = rows
        }

    /// A standing's cells behind the words of its axes.
    let private standings title words numbers (cells: Standing -> string list) (account: Account) =
        let own =
            account.Standings
            |> List.map (fun s -> s.Row.Labels, Report.protocol s.Row)
            |> Report.words

        sheet
            title
            ((own |> List.tryHead |> Option.defaultValue [] |> List.map fst) @ words)
            numbers
            (List.map2 (fun own s -> List.map snd own @ cells s) own account.Standings)

    let leaderboard =
        standings
            "Leaderboard"
            [ "against the baseline" ]
            [ "points"; "p"; "p of ranks"; "all"; "head"; "medium"; "tail"; "ECE"; "n" ]
            (fun s ->
                [
                    (match s.Lead with
                     | Some lead -> Lead.words lead
                     | None when s.IsBaseline -> "baseline"
                     | None -> "-")
                    Report.orDash (fun (lead: Lead) -> Report.change lead.Difference) s.Lead
                    Report.orDash Judgement.p (s.Lead |> Option.bind (fun (lead: Lead) -> lead.Adjusted))
                    Report.orDash Judgement.p (s.Lead |> Option.bind (fun (lead: Lead) -> lead.Ranks))
                    Report.percent s.Row.Accuracy
                    Report.orDash Report.percent s.Row.Head
                    Report.orDash Report.percent s.Row.Medium
                    Report.orDash Report.percent s.Row.Tail
                    Report.percent s.Row.Ece
                    Report.orDash string s.Row.Seeds
                ])

    let costs =
        standings "Cost" [] [ "s/epoch"; "over unperturbed"; "trained values"; "memory" ] (fun s ->
            [
                Report.orDash Report.seconds s.Row.SecondsPerEpoch
                Report.orDash Report.times s.Row.CostRatio
                string s.TrainedValues
                Report.orDash Cost.memory s.MemoryMiB
            ])

    /// One for all drawn settings, or one for each number of images and rule for groups.
    let classes (account: Account) =
        [
            for those in account.Classes do
                let title =
                    if account.Classes.Length = 1 then
                        "Classes"
                    else
                        let settings = String.concat "; " those.Settings
                        $"Classes of {settings}"

                let left =
                    if those.Rows.Length < those.Count then
                        $", {those.Rows.Length} of {those.Count}"
                    else
                        ""

                sheet
                    (title + left)
                    [ "label"; "class"; "group" ]
                    ("images" :: those.Settings)
                    [
                        for row in those.Rows do
                            string row.Label
                            :: row.Name
                            :: (string row.Group).ToLowerInvariant()
                            :: string row.Images
                            :: (row.Accuracies |> List.map (Report.orDash Points.percent))
                    ]
        ]

    let settings (account: Account) =
        let names = account.Drawn |> List.map _.Name
        let title = "Settings that differ"
        sheet title ("setting" :: names) [] (account.Settings |> List.map (fun (part, said) -> part :: said))

    let common (account: Account) =
        sheet
            "Settings in common"
            [ "setting"; "value" ]
            []
            (account.Common |> List.map (fun (part, said) -> [ part; said ]))

    let environment (account: Account) =
        sheet
            "Environment"
            [ ""; "value" ]
            [ "runs" ]
            [
                for one in account.Surroundings do
                    for value, runs in one.Values do
                        [ one.Path; value; string runs ]
            ]

    /// What the leaderboard's comparisons are.
    let protocol (account: Account) =
        let tested =
            account.Standings
            |> List.choose (fun s -> s.Lead |> Option.bind (fun (lead: Lead) -> lead.P))

        let comparisons = Decimals.counted tested.Length "comparison"

        [
            yield! account.Caption.Split '\n'
            yield! account.Gaps
            if account.Standings |> List.exists _.Lead.IsSome then
                $"Points: accuracy less that of the baseline ({account.Baseline}), paired by seed."
            if not tested.IsEmpty then
                $"Intervals are those of each comparison by itself. p: paired t-test, by ranks: Wilcoxon's signed ranks, both two-sided, by Holm's correction for {comparisons}; above or below are said where the t-test's is under 0.05."
        ]

    /// How the runs stand that the report is of, and what to know of those that have results.
    let runs (account: Account) =
        let count =
            account.Runs
            |> List.map (fun (word, count) -> $"{count} {word}")
            |> String.concat ", "

        $"Runs: {count}." :: account.Findings

namespace LongTail.Reports

/// A report as Markdown, with the tables that its page has.
module Text =
    let private section (sheet: Sheet) =
        [
            ""
            $"## {sheet.Title}"
            ""
            yield! Markdown.table (sheet.Words @ sheet.Numbers) sheet.Rows
        ]

    let ofAccount (account: Account) =
        [
            $"# {account.Title}: {account.Judgement.Headline}"
            ""
            yield! account.Judgement.Sentences
            yield! section (Tables.leaderboard account)
            ""
            yield! Tables.protocol account
            ""
            "## Runs and warnings"
            ""
            for line in Tables.runs account do
                $"- {line}"
            yield! section (Tables.costs account)
            ""
            yield! account.Costs
            yield! Tables.classes account |> List.collect section

            if not account.Settings.IsEmpty then
                yield! section (Tables.settings account)

            yield! section (Tables.common account)
            yield! section (Tables.environment account)
        ]
        |> List.map (fun line -> line + "\n")
        |> String.concat ""

namespace LongTail.Reports

open System
open System.IO
open System.Text.Json
open LongTail

/// A report as one HTML file that needs no other: web/ makes the page, here its numbers enter.
module Page =
    let private options =
        JsonSerializerOptions(PropertyNamingPolicy = JsonNamingPolicy.CamelCase)

    /// More digits than these no chart shows.
    let private brief (value: float) =
        if value = 0. then
            0.
        else
            Math.Round(value, 6 - int (ceil (log10 (abs value))) |> max 0 |> min 15)

    /// What a chart draws.
    let private drawnEstimate one =
        {|
            Mean = brief one.Mean
            Half = one.HalfWidth |> Option.map brief
        |}

    /// The same beside what the tables say: a page rounds nothing.
    let private estimate say one =
        {| drawnEstimate one with
            Text = say one
        |}

    let private number say value =
        {|
            Value = brief value
            Text = say value
        |}

    let private percent = estimate Report.percent

    let private standing (apart: (string * string) list) (s: Standing) =
        {|
            Name = s.Name
            Seeds = s.Row.Seeds |> Option.map (fun count -> Decimals.counted count "seed")
            Apart = apart |> List.map (fun (column, word) -> $"{column}: {word}")
            Accuracy = percent s.Row.Accuracy
            Head = s.Row.Head |> Option.map percent
            Medium = s.Row.Medium |> Option.map percent
            Tail = s.Row.Tail |> Option.map percent
            Ece = percent s.Row.Ece
            SecondsPerEpoch = s.Row.SecondsPerEpoch |> Option.map (number Report.seconds)
            CostRatio = s.Row.CostRatio |> Option.map (number Report.times)
            TrainedValues = s.TrainedValues
            Memory = s.MemoryMiB |> Option.map Cost.memory
            IsBaseline = s.IsBaseline
            Lead =
                s.Lead
                |> Option.map (fun (lead: Lead) ->
                    {|
                        Over = lead.Over
                        Difference = estimate Report.change lead.Difference
                        P = lead.Adjusted |> Option.map Judgement.p
                        Ranks = lead.Ranks |> Option.map Judgement.p
                        Verdict = string (Lead.verdict lead)
                        Words = Lead.words lead
                    |})
        |}

    let private drawn (one: Drawn) =
        {|
            Name = one.Name
            Loss = one.Loss
            Classes =
                one.Classes
                |> List.map (fun point ->
                    { point with
                        Accuracy = brief point.Accuracy
                    })
            Losses = one.Losses |> List.map drawnEstimate
            Turns = one.Turns
            Reliability =
                one.Reliability
                |> List.map (fun (confidence, accuracy, images) -> [ brief confidence; brief accuracy; float images ])
            Surface =
                one.Surface
                |> Option.map (fun (seed, surface) ->
                    {|
                        Seed = seed
                        Steps = surface.Steps
                        Loss = surface.Loss |> Seq.map (Seq.map (Option.ofNullable >> Option.map brief))
                    |})
        |}

    /// What the page draws. JSON's escapes leave no sign that HTML gives a meaning.
    let data (account: Account) =
        // What rows of a table would have columns of.
        let apart =
            account.Standings
            |> List.map (fun s -> [], Report.protocol s.Row)
            |> Report.words

        JsonSerializer.Serialize(
            {|
                Title = account.Title
                Judgement = account.Judgement
                Baseline = account.Baseline
                Standings = List.map2 standing apart account.Standings
                Protocol = Tables.protocol account @ account.Costs
                Drawn = account.Drawn |> List.map drawn
                Classes =
                    Tables.classes account
                    |> List.map (fun sheet ->
                        {|
                            Title = sheet.Title
                            Heads = sheet.Words @ sheet.Numbers
                            Rows = sheet.Rows
                        |})
                Settings =
                    account.Settings
                    |> List.map (fun (part, values) -> {| Part = part; Values = values |})
                Common =
                    account.Common
                    |> List.map (fun (part, value) -> {| Part = part; Value = value |})
                Environment =
                    account.Surroundings
                    |> List.map (fun (one: Surrounding) ->
                        {|
                            Path = one.Path
                            Values = one.Values |> List.map (fun (value, runs) -> {| Value = value; Runs = runs |})
                        |})
                Runs = Tables.runs account
            |},
            options
        )

    let private template =
        lazy
            (match typeof<Account>.Assembly.GetManifestResourceStream "report.html" with
             | null -> failwith "the page of reports is not in this assembly: `dotnet fsi build.fsx build`"
             | stream ->
                 use reader = new StreamReader(stream)
                 reader.ReadToEnd())

    let html account =
        template.Value.Replace("REPORT_DATA", data account)

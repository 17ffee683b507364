namespace LongTail.Reports

open System
open System.Text
open LongTail
open LongTail.Commands
open LongTail.Core
open LongTail.Core.Files

/// The command `report`.
module Reporting =
    let private standard = "report.html"

    /// As many rows as a person reads on a terminal.
    let private first = 20

    let private baseline (given: Arguments) (subject: Subject) contenders =
        match given.GetResults Argument.Baseline, subject.Plan with
        | [], Some _ -> Baseline.ofSweep contenders
        | [], None -> WithoutPerturbation
        | words, _ ->
            match Baseline.ofWords words contenders with
            | Ok baseline -> baseline
            | Error faults -> raise (InputException(String.concat "\n" faults))

    /// How a report is made of what one set of test images judges.
    let private apart (subject: Subject) contenders =
        match subject.Plan, Baseline.telling contenders with
        | Some _, Some(axis, value) -> $"say --where and its value, as --where \"{axis}={value}\""
        | Some _, None -> "say --only and a part of its runs' names"
        | None, _ -> "name a script, or say --only and a part of its runs' names"

    let private title (subject: Subject) =
        match subject.Plan with
        | Some plan -> plan.Runs |> List.map _.Experiment |> List.distinct |> String.concat ", "
        | None -> subject.Store.Folder

    /// Of a script alone, as the analysers ask for the experiments.
    let private findings (subject: Subject) =
        match subject.Plan with
        | Some plan -> Analysers.lines plan (Plan.results plan)
        | None -> []

    /// All that a subject's finished runs say.
    let account given (subject: Subject) =
        let rows = ExportRow.ofSubject subject

        if rows.IsEmpty then
            raise (
                InputException
                    $"no run in {subject.Store.Folder} is finished, so there is nothing to report; `longtail run SCRIPT` makes results"
            )

        let read look hash =
            match StoredRun.readable look subject.Store hash with
            | Ok found -> Leaves.ofJson found
            | Error _ -> []

        let title = title subject

        let settings hash =
            read Store.settings hash, StoredRun.readable Store.resolved subject.Store hash |> Result.toOption

        let contenders = Contender.ofRows title settings rows
        let environments = rows |> List.map (fun row -> read Store.environment row.Hash)

        let gaps = AbsentRow.ofSubject subject |> List.map _.Gap

        let gains =
            subject.Plan
            |> Option.map (fun plan ->
                let results = Plan.results plan

                Gain.lines plan results @ TrainedBy.sharing plan results)
            |> Option.defaultValue []

        let threads = rows |> List.collect _.Threads |> ThreadCounts.told

        Account.make
            title
            (baseline given subject contenders)
            (apart subject contenders)
            (findings subject)
            environments
            (fun hash ->
                StoredRun.readable Store.surface subject.Store hash
                |> Result.toOption
                |> Option.flatten)
            subject.Entries
            (Gaps.lines rows.Length gaps)
            contenders
        |> fun account ->
            { account with
                Judgement =
                    { account.Judgement with
                        Sentences = Gaps.brief rows.Length gaps @ gains @ threads @ account.Judgement.Sentences
                    }
            }

    let private show file (account: Account) =
        let table (sheet: Sheet) =
            Display.grid (Grid.table sheet.Words sheet.Numbers (List.truncate first sheet.Rows))

        printfn $"{account.Judgement.Headline}"
        account.Judgement.Sentences |> List.iter (printfn "%s")
        table (Tables.leaderboard account)
        Tables.protocol account |> List.iter (printfn "%s")
        table (Tables.costs account)
        account.Costs |> List.iter (printfn "%s")

        if account.Standings.Length > first then
            printfn $"and {account.Standings.Length - first} settings more in {file}"

        Tables.runs account |> List.truncate first |> List.iter (printfn "%s")

    /// Writes the report and shows its tables; false where a run that it should have failed.
    let write (given: Arguments) (find: unit -> Subject) =
        let file = given.GetResult(Argument.Out, standard)
        OutFile.placeAs "a report is a page or Markdown" [ ".html"; ".md" ] file
        let subject = find ()
        let account = account given subject

        let text =
            if file.EndsWith(".md", StringComparison.OrdinalIgnoreCase) then
                Text.ofAccount account
            else
                Page.html account

        WholeFile.Write(file, (fun stream -> stream.Write(Encoding.UTF8.GetBytes text)))
        show file account
        printfn $"wrote {file}"
        AbsentRow.ofSubject subject |> List.map _.Gap |> Gaps.failed |> not

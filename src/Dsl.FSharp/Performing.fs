namespace LongTail

open System
open System.Collections.ObjectModel
open LongTail.Core
open LongTail.Core.Interop
open LongTail.Core.Data
open LongTail.Core.Settings

/// Does what a script asked for.
module Performing =
    let private survey: Survey =
        fun place sources ->
            let fault (set: ResidentSet) =
                try
                    set.Check(Option.toObj (Place.dataFolder place (PublishedImages set.Set)))
                    None
                with Mendable why ->
                    Some why

            // Files were looked for when they were planned.
            sources |> List.choose (ResidentSet.Of >> Option.ofObj) |> List.choose fault

    let private trainer (place: Place) : Trainer =
        let warned =
            lazy (Machine.KernelWarning() |> Option.ofObj |> Option.iter (eprintfn "warning: %s"))

        fun settings runPlace progress stop ->
            // Every worker's own.
            Machine.UseThreads place.Threads
            warned.Force()
            Training.Trainer.Run(settings, runPlace, progress, stop)

    let private differences store contrasts plan =
        let results = Plan.results plan
        let found = contrasts |> List.collect (Comparison.paired plan results)

        if not found.IsEmpty then
            Display.table (Comparison.table found) (Comparison.caption found)

        printfn $"{Comparison.sentence found}"

        contrasts
        |> List.collect (Comparison.missing store plan results)
        |> List.distinct
        |> List.iter (printfn "%s")

    let private beside store published plan =
        let results = Plan.results plan
        let rows = Report.rows plan results
        Display.table (Published.table published rows) $"Published: {published.Source}."
        Gaps.ofTable store plan results |> List.iter (printfn "%s")

    let private saveBackbone store place file card plan =
        match Plan.asked plan with
        | [ run ] ->
            let place =
                place
                |> Place.forRun (Store.checkpoint store (PlannedRun.training run)) run.Settings

            Training.Trainer.Export(run.Settings, place, file, dict card |> ReadOnlyDictionary)
            printfn $"wrote {file}"
        | runs -> raise (InputException $"{file}: a backbone is saved of one run, and here are {runs.Length}")

    /// A defect of ours weighs more than what a person can mend.
    let private worse a b = if a = 1 then a else max a b

    /// In its order, each with a plan of its own, as it may stand on files that what came before has written.
    let rec private inOrder (session: Session) code requests =
        let given = session.Given
        let store = Session.store session

        let tell sweep show rest =
            match CommandLine.planned session sweep with
            | Ok plan ->
                show plan
                inOrder session code rest
            | Error lines -> CommandLine.refuse lines

        match requests with
        | [] -> code
        | Run sweep :: rest ->
            Engine.Load()

            match CommandLine.execute survey (trainer (Arguments.place given)) session sweep with
            | Ended failures as ending when failures.IsEmpty || (Arguments.policy given).Failures <> StopAtFirst ->
                inOrder session (worse code ending.Code) rest
            | ending -> worse code ending.Code
        | Differences(contrasts, sweep) :: rest -> tell sweep (differences store contrasts) rest
        | Beside(published, sweep) :: rest -> tell sweep (beside store published) rest
        | SaveBackbone(file, card, sweep) :: rest ->
            tell sweep (saveBackbone store (Arguments.place given) file card) rest

    /// Does all of it, or nothing where a part of it makes no sense; the exit code.
    let perform (session: Session) requests =
        let isRun request =
            match request with
            | Run _ -> true
            | _ -> false

        try
            match Request.whole requests with
            | Some sweep when session.Given.Contains Argument.Dry_Run -> CommandLine.plan session sweep
            | Some sweep when not (Sweep.faults sweep).IsEmpty ->
                match CommandLine.planned session sweep with
                | Error lines -> CommandLine.refuse lines
                | Ok _ -> failwith "a sweep with faults has a plan"
            | Some sweep when requests |> List.filter isRun |> List.length = 1 ->
                // With what is asked of it, so that its plan can warn.
                requests
                |> List.map (fun request -> if isRun request then Run sweep else request)
                |> inOrder session 0
            | _ ->
                match List.collect Request.faults requests with
                | [] -> inOrder session 0 requests
                | faults -> CommandLine.refuse (List.map string faults)
        with Mendable why ->
            CommandLine.refuse [ why ]

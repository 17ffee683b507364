namespace LongTail

open System
open System.Collections.ObjectModel
open LongTail.Core
open LongTail.Core.Interop
open LongTail.Core.Data

/// What a script says after its experiments.
[<AutoOpen>]
module Scripts =
    let private survey: Survey =
        fun place sources ->
            let fault (set: ResidentSet) =
                try
                    set.Check(Option.toObj place.DataFolder)
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

    /// The file that --weights names, or else this one.
    let weightsOr file =
        (Session.current ()).Given.GetResult(Argument.Weights, file)

    /// Whether --small asks for the script's small form.
    let small () =
        (Session.current ()).Given.Contains Argument.Small

    /// Runs what the store lacks of the sweep and shows its table; ends the script where that cannot be. Where the
    /// script is asked for its sweeps alone, it hands this one over.
    let run sweep =
        let session = Session.current ()
        let given = session.Given

        match session.Hear with
        | Some hear -> hear sweep
        | None ->
            let code =
                if given.Contains Argument.Dry_Run then
                    CommandLine.plan session sweep
                else
                    try
                        Engine.Load()
                        CommandLine.execute survey (trainer (Arguments.place given)) session sweep
                    with Mendable why ->
                        eprintfn $"{why}"
                        2

            if code <> 0 then
                exit code

    let private refuse lines =
        for line in lines do
            eprintfn $"{line}"

        exit 2

    /// What follows a run, where the script runs: with the sweep's plan and what the store has of it by now.
    let private afterwards sweep (tell: Arguments -> Plan -> unit) =
        let session = Session.current ()

        if Session.runs session then
            match CommandLine.planned session sweep with
            | Ok plan -> tell session.Given plan
            | Error lines -> refuse lines

    /// Shows what the sweep's results say to these questions, and in a sentence what they support.
    let differences (contrasts: Contrast list) sweep =
        afterwards sweep (fun given plan ->
            let results = Plan.results plan
            let found = contrasts |> List.collect (Comparison.paired plan results)

            if not found.IsEmpty then
                Display.table (Comparison.table found) (Comparison.caption found)

            printfn $"{Comparison.sentence found}"

            contrasts
            |> List.collect (Comparison.missing (Arguments.store given) plan results)
            |> List.distinct
            |> List.iter (printfn "%s"))

    /// Shows a published table and the sweep's own numbers beside it.
    let beside published sweep =
        afterwards sweep (fun given plan ->
            let results = Plan.results plan
            let rows = Report.rows plan results
            Display.table (Published.table published rows) $"Published: {published.Source}."
            Gaps.ofTable (Arguments.store given) plan results |> List.iter (printfn "%s"))

    /// Writes the backbone that a finished run trained: a safetensors file with timm's names. The card says in its
    /// metadata what it is and where it comes from.
    let saveBackbone file (card: (string * string) list) sweep =
        afterwards sweep (fun given plan ->
            match Plan.asked plan with
            | [ run ] ->
                let place =
                    Place.forRun (Store.checkpoint (Arguments.store given) run.Hash) (Arguments.place given)

                try
                    Training.Trainer.Export(run.Settings, place, file, dict card |> ReadOnlyDictionary)
                    printfn $"wrote {file}"
                with :? InputException as e ->
                    refuse [ e.Message ]
            | runs -> refuse [ $"{file}: a backbone is saved of one run, and here are {runs.Length}" ])

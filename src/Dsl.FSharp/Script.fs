namespace LongTail

open System
open System.Collections.ObjectModel
open LongTail.Core
open LongTail.Core.Data

/// What a script says after its experiments.
[<AutoOpen>]
module Scripts =
    let private survey: Survey =
        fun place sets ->
            let fault check =
                try
                    check ()
                    None
                with e ->
                    match e.GetBaseException() with
                    | :? InputException
                    | :? DllNotFoundException as mendable -> Some mendable.Message
                    | _ -> reraise ()

            [
                fun () -> Machine.Device place.Device |> ignore
                for set in sets do
                    fun () -> DataSet.Check(set, Option.toObj place.DataFolder)
            ]
            |> List.choose fault

    let private trainer (place: Place) : Trainer =
        let engine =
            lazy
                (Machine.UseThreads(Option.toNullable place.Threads)

                 Machine.BlasWarning() |> Option.ofObj |> Option.iter (eprintfn "warning: %s"))

        fun settings runPlace progress stop ->
            engine.Force()
            Training.Trainer.Run(settings, runPlace, progress, stop)

    /// The file that --weights names, or else this one.
    let weightsOr file =
        Arguments.given.Value.GetResult(Argument.Weights, file)

    /// Whether --small asks for the script's small form.
    let small () =
        Arguments.given.Value.Contains Argument.Small

    /// Runs what the store lacks of the sweep and shows its table; ends the script where that cannot be.
    let run sweep =
        let arguments = Arguments.given.Value

        match CommandLine.execute survey (trainer (Arguments.place arguments)) arguments sweep with
        | 0 when not (arguments.Contains Argument.Plan) -> ()
        | code -> exit code

    let private refuse lines =
        for line in lines do
            eprintfn $"{line}"

        exit 2

    /// The sweep's plan and what the store has of it by now, head to tail by one rule.
    let private found sweep =
        match Plan.make (Arguments.store Arguments.given.Value) sweep with
        | Ok plan ->
            let results = Plan.results plan
            plan, results, Report.splitRule (Map.values results)
        | Error problems -> refuse (problems |> List.map string)

    /// Shows what the sweep's results say to these questions, and in a sentence what they support.
    let differences (contrasts: Contrast list) sweep =
        let plan, results, rule = found sweep
        let found = contrasts |> List.collect (Comparison.paired rule plan results)
        Display.table (Comparison.table found) (Comparison.caption found)
        printfn $"{Comparison.sentence found}"

    /// Shows a published table and the sweep's own numbers beside it.
    let beside published sweep =
        let plan, results, rule = found sweep
        Display.table (Published.table published (Report.rows rule plan results)) $"Published: {published.Source}."

    /// Writes the backbone that a finished run trained: a safetensors file with timm's names. The card says in its
    /// metadata what it is and where it comes from.
    let saveBackbone file (card: (string * string) list) sweep =
        let arguments = Arguments.given.Value
        let store = Arguments.store arguments

        match Plan.make store sweep with
        | Ok { Runs = [ run ] } ->
            let place =
                Place.forRun (Store.checkpoint store run.Hash) (Arguments.place arguments)

            try
                Training.Trainer.Export(run.Settings, place, file, dict card |> ReadOnlyDictionary)
                printfn $"wrote {file}"
            with :? InputException as e ->
                refuse [ e.Message ]
        | Ok plan -> refuse [ $"{file}: a backbone is saved of one run, and here are {plan.Runs.Length}" ]
        | Error problems -> refuse (problems |> List.map string)

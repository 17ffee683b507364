/// A store with finished and unfinished runs.
module LongTail.Tests.StoreSamples

open System.IO
open Expecto
open LongTail
open LongTail.Commands
open LongTail.Tests.Samples
open LongTail.Tests.TempFolder

/// Plans the sweep in a store of its own, keeps a result of each accuracy in the order of its runs, and leaves those
/// beyond begun.
let inStoreOf (accuracies: float list) sweep body =
    inTempFolder (fun folder ->
        let store: Store =
            {
                Folder = Path.Combine(folder, "runs")
            }

        match Plan.make sources store sweep with
        | Error problems -> failtest $"%A{problems}"
        | Ok plan ->
            for index, run in List.indexed plan.Runs do
                Store.start store run Place.here

                List.tryItem index accuracies
                |> Option.iter (fun accuracy -> Store.finish store run.Hash (result accuracy 2.))

            body store plan)

/// All runs of the store, as a command sees them.
let subjectOf (store: Store) words =
    match Command.read (Option.get (Command.named "export")) words with
    | Ok(Some given) -> Subject.find (fun script -> failtest script) given (Some store.Folder)
    | other -> failtest $"%A{other}"

namespace LongTail.Commands

open System
open System.IO
open System.Runtime.InteropServices
open LongTail
open LongTail.Core
open LongTail.Core.Data
open LongTail.Core.Models
open LongTail.Core.Settings

/// What somebody finds here, or what to do where it is missing.
type Finding =
    {
        Of: string
        Found: Result<string, string>
        /// Without it the quickstart does not run.
        Vital: bool
    }

/// What runs are computed with on this machine.
module Doctor =
    let private finding vital name (look: unit -> string) =
        {
            Of = name
            Vital = vital
            Found =
                try
                    Ok(look ())
                with Mendable why ->
                    Error(why.Split('\n')[0])
        }

    let private engine (place: Place) () =
        Machine.UseThreads place.Threads
        let rate = ProductRate.Measure place.Device

        let warning =
            Machine.BlasWarning()
            |> Option.ofObj
            |> Option.map (sprintf "; %s")
            |> Option.defaultValue ""

        $"{Machine.Engine()}: {rate:F0} GFLOP/s on {place.Device}{warning}"

    let private gpu () =
        match Machine.CudaDevices() with
        | 0 -> "none that this libtorch sees (README, GPU, says how to build against another)"
        | count -> $"{count} CUDA devices: --device cuda"

    let private data place (set: ImageSet) () =
        let at folder =
            DataSet.Check(set, Option.toObj folder)
            let shown = folder |> Option.defaultValue FashionMnist.SystemFolder
            $"in {shown}"

        // What the system's package brought is there whatever folder is named.
        try
            at None
        with :? InputException when place.DataFolder.IsSome ->
            at place.DataFolder

    let private weights (session: Session) (file: string) () =
        let found = Session.find session file

        if not (File.Exists found) then
            raise (InputException $"{file} is missing: `git checkout {file}`, or give --weights")

        let shape = Backbone.ShapeOf found
        $"{found}: depth {shape.Depth}, width {shape.Width}, {shape.InputSide} pixels a side"

    let findings session =
        let given = session.Given
        let place = Arguments.place given

        [
            finding true "engine" (engine place)
            finding false "threads" (fun () -> $"{place.Threads} of {Environment.ProcessorCount} cores")
            finding false "GPU" gpu
            finding false ".NET" (fun () -> RuntimeInformation.FrameworkDescription)
            finding true "compiler" ScriptFile.compiler
            finding true "Fashion-MNIST" (data place ImageSet.FashionMnist)
            finding false "CIFAR-10" (data place ImageSet.Cifar10)
            finding false "CIFAR-100" (data place ImageSet.Cifar100)
            finding true "vit-mini" (weights session "weights/vit-mini.safetensors")
            match given.TryGetResult Argument.Weights with
            | Some file -> finding false "weights" (weights session file)
            | None -> ()
        ]

    let lines findings =
        [
            for one in findings do
                match one.Found with
                | Ok what -> $"{one.Of, -14}{what}"
                | Error remedy -> $"{one.Of, -14}MISSING: {remedy}"
            if findings |> List.exists (fun one -> one.Vital && one.Found.IsError) then
                "The quickstart cannot run here yet."
            else
                "The quickstart can run: longtail run experiments/quickstart.fsx"
        ]

    let exitCode findings =
        if findings |> List.exists (fun one -> one.Vital && one.Found.IsError) then
            2
        else
            0

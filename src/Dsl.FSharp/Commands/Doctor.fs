namespace LongTail.Commands

open System
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
                    let line = why.Split('\n')[0]
                    // The line begins with the name already.
                    Error(
                        if line.StartsWith $"{name}: " then
                            line[name.Length + 2 ..]
                        else
                            line
                    )
        }

    let private engine (place: Place) () =
        Machine.UseThreads place.Threads
        let rate = ProductRate.Measure place.Device

        let warning =
            Machine.KernelWarning()
            |> Option.ofObj
            |> Option.map (sprintf "; %s")
            |> Option.defaultValue ""

        $"{Machine.Engine()}: {rate:F0} GFLOP/s on {place.Device}{warning}"

    let private gpu () =
        match Machine.CudaDevices() with
        | 0 -> "none that this libtorch sees (README, GPU, says how to take another)"
        | count -> $"{count} CUDA devices: --device cuda"

    let private data place (set: ImageSet) () =
        let source = PublishedImages set
        (ResidentSet.Of set).Check(Option.toObj (Place.dataFolder place source))
        $"in {Place.whereabouts place source}"

    let private weights (session: Session) remedy (file: string) () =
        let found =
            match Session.find session file with
            | Ok found -> found
            | Error why -> raise (InputException $"{file}: {why}: {remedy}")

        use opened = WeightsFile.Open found
        $"{found}: depth {opened.Depth}, width {opened.Width}, {opened.InputSide} pixels a side"

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
            finding true "vit-mini" (weights session "`git checkout` brings it" "weights/vit-mini.safetensors")
            let deitTiny = "weights/deit_tiny_patch16_224.safetensors"

            let fetch =
                "put timm's deit_tiny_patch16_224 there (model.safetensors, so renamed), or name it with --weights"

            match given.TryGetResult Argument.Weights with
            | Some file -> finding false "weights" (weights session "name another with --weights" file)
            | None -> finding false "DeiT-Tiny" (weights session fetch deitTiny)
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

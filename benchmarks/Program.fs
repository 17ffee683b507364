/// `dotnet fsi build.fsx bench`: what a step costs under each rule, and beside PyTorch on the same libtorch;
/// `bench augment`: a training batch beside Pillow's; `bench parts`: what surrounds a step's products.
module LongTail.Benchmarks.Program

open System
open System.Globalization
open System.IO
open Argu
open TorchSharp
open LongTail.Core
open LongTail.Core.Interop
open LongTail.Core.Models
open LongTail.Core.Settings

type Options =
    | Side of int
    | Batch of int
    | Steps of int
    | Alternations of int
    | All
    | Peer of string

    interface IArgParserTemplate with
        member option.Usage =
            match option with
            | Side _ -> "input side in pixels (224)"
            | Batch _ -> "images a step (32)"
            | Steps _ -> "steps a measurement (5)"
            | Alternations _ -> "measurements of each (7)"
            | All -> "time every perturbation, not gnm and sam alone"
            | Peer _ -> "peer_step.py (../shared/bench/peer_step.py)"

let private drawn () =
    Backbone.Draw(Step.deitTiny, torch.CPU, 0L)

/// One step of each rule after the other, so that what the machine does meanwhile falls on all of them alike.
let private rules perturbations size steps alternations =
    let backbone = drawn ()

    let prepared =
        [
            for name, perturbation in perturbations do
                name, Step.prepare torch.CPU Precision.Float32 backbone size perturbation

            "gnm, bfloat16", Step.prepare torch.CPU Precision.BFloat16 backbone size Step.gnm
        ]

    let taken count =
        [
            for _ in 1..count -> [ for name, (step: Step.Timed) in prepared -> name, step.Whole() ] |> Map
        ]

    let medians rounds =
        [
            for name, _ in prepared -> name, rounds |> List.map (Map.find name) |> Spread.median
        ]
        |> Map

    taken 2 |> ignore
    let rounds = List.init alternations (fun _ -> taken steps |> medians)

    for name, _ in prepared do
        let times = rounds |> List.map (Map.find name)
        let ratios = rounds |> List.map (fun round -> round[name] / round["sgd"])
        printfn $"{name}: median %.1f{Spread.median times} ms/step, {Spread.show ratios} of sgd"

    // Perturb, restore, update: what a step adds to the passes that it consists of.
    for name, step in prepared do
        let whole = rounds |> List.map (Map.find name) |> Spread.median
        let around = List.init 100 (fun _ -> step.Around()) |> Spread.median
        let share = 100. * around / (whole - around)
        printfn $"{name}: %.2f{around} ms around its passes, %.2f{share} %% of them"

/// Processes that wait for a core, over the last minute: timings of a busy machine say so.
let private load () =
    let told = "/proc/loadavg"

    if File.Exists told then
        Double.Parse(File.ReadAllText(told).Split(' ')[0], CultureInfo.InvariantCulture)
    else
        nan

/// Our process and a peer's in turn: how much faster, and how much memory.
let private beside alternations what (ours: unit -> Peer.Measured) peer (theirs: unit -> Peer.Measured) =
    let ours, theirs = List.unzip [ for _ in 1..alternations -> ours (), theirs () ]

    let milliseconds = List.map (fun (m: Peer.Measured) -> m.Milliseconds)
    let peaks = List.map (fun (m: Peer.Measured) -> m.PeakMiB)
    let speed = List.map2 (/) (milliseconds theirs) (milliseconds ours)
    let memory = List.map2 (/) (peaks ours) (peaks theirs)

    let utilisation =
        List.map2 (fun (m: Peer.Measured) faster -> Option.map ((*) faster) m.Utilisation) theirs speed
        |> List.choose id

    let ms = milliseconds >> Spread.median
    printfn $"{what}: ours %.1f{ms ours} ms/step, {peer} %.1f{ms theirs} ms/step"
    printfn $"  images a second, ours over {peer}'s: {Spread.show speed}"

    if not utilisation.IsEmpty then
        printfn $"  share of the machine's measured matrix rate: {Spread.show utilisation}"

    printfn
        $"  peak memory: ours %.0f{List.max (peaks ours)} MiB, {peer} %.0f{List.max (peaks theirs)} MiB, ratio {Spread.show memory}"

    [
        $"{what} beside {peer}: speed", speed
        $"{what} beside {peer}: share of the matrix rate", utilisation
        $"{what} beside {peer}: memory", memory
        $"{what} beside {peer}: milliseconds", milliseconds ours
    ]

/// Plain TorchSharp on the same libtorch, in float32 and in bfloat16.
let private besidePlain size steps alternations =
    [
        for precision, rule in
            [
                Precision.Float32, "gnm"
                Precision.BFloat16, "gnm"
                Precision.Float32, Peer.evaluation
            ] do
            let one blocks () =
                Peer.one blocks precision size steps rule

            yield! beside alternations $"{rule} in {precision}" (one Peer.Kernels) "plain TorchSharp" (one Peer.Plain)
    ]

let private besidePython size steps alternations script =
    let weights =
        Path.Combine(Path.GetTempPath(), $"longtail-bench-{Environment.ProcessId}.safetensors")

    let backbone = drawn ()
    Backbone.Save(weights, backbone.Architecture, (fun name -> backbone[name]), Map.empty)

    let pair rule =
        beside
            alternations
            rule
            (fun () -> Peer.one Peer.Kernels Precision.Float32 size steps rule)
            "PyTorch"
            (fun () -> Peer.theirs script weights size steps rule)

    try
        [ "gnm"; Peer.evaluation ] |> List.collect pair
    finally
        File.Delete weights

let private one blocks precision rule size steps =
    let perturbation = Step.perturbations |> List.tryFind (fst >> (=) rule)

    let backbone =
        match blocks with
        | "Plain" -> (drawn ()).Plain
        | _ -> drawn ()

    let step =
        Step.prepare
            torch.CPU
            (Enum.Parse<Precision>(precision: string))
            backbone
            size
            (perturbation |> Option.map snd |> Option.toObj)

    let timed =
        if rule = Peer.evaluation then
            step.Evaluation
        else
            step.Whole

    List.init 2 (fun _ -> timed ()) |> ignore
    let times = List.init steps (fun _ -> timed ())
    let memory = Machine.PeakMemoryMiB torch.CPU |> Option.ofNullable
    Peer.print $"{blocks} {precision} {rule}" (Spread.median times) (defaultArg memory nan)

[<EntryPoint>]
let main arguments =
    // A program that merely uses TorchSharp sets up neither memory nor threads.
    match List.ofArray arguments with
    | "one" :: "Plain" :: _ -> Engine.LoadAsPackaged()
    | _ -> Engine.Load()

    torch.set_num_threads Environment.ProcessorCount

    let inOneLine run =
        try
            run ()
            0
        with
        | :? ArguParseException as e when e.ErrorCode = ErrorCode.HelpText ->
            printfn $"{e.Message}"
            0
        | :? ArguParseException
        | :? InputException as e ->
            eprintfn $"{e.Message}"
            2

    match List.ofArray arguments with
    | [ "one"; blocks; precision; rule; side; batch; steps ] ->
        one blocks precision rule { Side = int side; Batch = int batch } (int steps)
        0
    | "decode" :: rest -> inOneLine (fun () -> Decoding.main (Array.ofList rest))
    | [ "augment" ] ->
        Augment.run 5
        0
    | [ "throughput"; device ] -> inOneLine (fun () -> Throughput.run device)
    | [ "parts" ] ->
        Parts.run ()
        0
    | _ ->
        let parser = ArgumentParser.Create<Options> "dotnet fsi build.fsx bench"

        inOneLine (fun () ->
            let given = parser.Parse arguments

            let size: Step.Size =
                {
                    Side = given.GetResult(Side, 224)
                    Batch = given.GetResult(Batch, 32)
                }

            let steps, alternations =
                given.GetResult(Steps, 5), given.GetResult(Alternations, 7)

            if size.Side < 16 || size.Side % 16 <> 0 then
                raise (
                    InputException $"--side {size.Side}: is no multiple of DeiT-Tiny's patches of 16; give 224 or 64"
                )

            for option, number in [ "--batch", size.Batch; "--steps", steps; "--alternations", alternations ] do
                if number < 1 then
                    raise (InputException $"{option} {number}: measures nothing; give 1 or more")

            let peer = Peer.find (given.TryGetResult Peer)

            Machine.KernelWarning() |> Option.ofObj |> Option.iter (eprintfn "%s")

            printfn
                $"DeiT-Tiny, 10 deep prompts, batch {size.Batch}, side {size.Side}, {torch.get_num_threads ()} threads, libtorch {torch.__version__}"

            let perturbations =
                if given.Contains All then
                    Step.perturbations @ Step.others
                else
                    Step.perturbations

            rules perturbations size steps alternations

            let loadBefore = load ()
            printfn $"load before: %.1f{loadBefore}"
            let plain = besidePlain size steps alternations

            let python =
                match peer with
                | Some _ when not (Peer.hasTorch ()) ->
                    printfn "no PyTorch here: with Debian's python3-torch its step is timed too"
                    []
                | Some script -> besidePython size steps alternations script
                | None ->
                    printfn "no peer_step.py here: --peer PATH compares with PyTorch"
                    []

            History.add size loadBefore (plain @ python))

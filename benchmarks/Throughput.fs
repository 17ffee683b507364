/// `Benchmarks.dll throughput DEVICE`: images a second of whole steps in bfloat16, batch 128, side 224, for peer_throughput.py to
/// stand beside.
module LongTail.Benchmarks.Throughput

open TorchSharp
open LongTail.Core
open LongTail.Core.Models
open LongTail.Core.Settings

let private size: Step.Size = { Side = 224; Batch = 128 }

let private models =
    [
        "DeiT-Tiny", Step.deitTiny
        "ViT-B/16", VisionTransformerShape(224, 16, 768, 12, 12)
    ]

let run (description: string) =
    let device = Machine.Device description

    for name, shape in models do
        let backbone = Backbone.Draw(shape, device, 0L)

        for rule, perturbation in Step.perturbations do
            let step = Step.prepare device Precision.BFloat16 backbone size perturbation
            // A card that was idle takes its time to come to its rate.
            List.init 20 (fun _ -> step.Whole()) |> ignore
            let milliseconds = List.init 20 (fun _ -> step.Whole()) |> Spread.median
            printfn $"LongTail {name} {rule}: %.0f{1000. * float size.Batch / milliseconds} images/s"

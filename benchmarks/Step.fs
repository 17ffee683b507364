/// One training step of GNM-PT on DeiT-Tiny's sizes, for timing: the step that ../shared/bench/peer_step.py takes in Python.
module LongTail.Benchmarks.Step

open System.Diagnostics
open TorchSharp
open LongTail.Core.Models
open LongTail.Core.Optimizers
open LongTail.Core.Settings

type Size = { Side: int; Batch: int }

let deitTiny = VisionTransformerShape(224, 16, 192, 12, 3)

let perturbations: (string * (PerturbationSettings | null)) list =
    [
        "sgd", null
        "gnm", GnmSettings(0.005, System.Nullable(), false)
        "sam", SamSettings 0.05
    ]

let private classes = 100

let private settings =
    ModelSettings(
        DrawnBackbone deitTiny,
        10,
        Readout.ClsAndPrompts,
        HeadKind.Cosine,
        HeadInitial.Drawn,
        Tuning.PromptsAndHead,
        null
    )

/// Gives a function that takes one step and tells its milliseconds.
let prepare (backbone: Backbone) size perturbation =
    let model = new Classifier(settings, backbone, classes, 0L, torch.CPU)

    let rule =
        OptimizerSettings(
            SgdSettings(0.005, 0.9, false, 1e-3),
            perturbation,
            ParameterGroups.Alike,
            System.Nullable(),
            System.Nullable(),
            1
        )

    let optimizer =
        Optimizer.Create(rule, model.Parameters, 0L, Array.create classes 1, null)

    let images =
        torch.randn [| int64 size.Batch; 3L; int64 size.Side; int64 size.Side |]

    let targets = torch.randint (int64 classes, [| int64 size.Batch |])
    let mutable step = 0L

    let pass =
        Pass(fun _ backward ->
            use _ = torch.NewDisposeScope()
            let loss = torch.nn.functional.cross_entropy (model.Outputs images * 25.0, targets)
            backward.Invoke(loss.view 1L, targets)
            loss.detach().MoveToOuterDisposeScope())

    fun () ->
        let clock = Stopwatch.StartNew()
        use _ = torch.NewDisposeScope()
        optimizer.Step(pass, Moment(step, 0, 0.005)) |> ignore
        step <- step + 1L
        clock.Elapsed.TotalMilliseconds

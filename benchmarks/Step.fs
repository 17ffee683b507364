/// One training step of GNM-PT on DeiT-Tiny's sizes, for timing: the step that ../shared/bench/peer_step.py takes in Python.
module LongTail.Benchmarks.Step

open System.Diagnostics
open TorchSharp
open LongTail.Core.Models
open LongTail.Core.Optimizers
open LongTail.Core.Settings

type Size = { Side: int; Batch: int }

let deitTiny = VisionTransformerShape(224, 16, 192, 12, 3)

let gnm: PerturbationSettings = GnmSettings(0.005, System.Nullable(), false)

let perturbations: (string * (PerturbationSettings | null)) list =
    [ "sgd", null; "gnm", gnm; "sam", SamSettings 0.05 ]

/// Those that `--all` times beside them.
let others: (string * (PerturbationSettings | null)) list =
    [
        "asam", AsamSettings 0.5
        "imbsam", ImbSamSettings(0.05, 20)
        "focal-sam", FocalSamSettings(0.05, 1.5, 0.7)
        "lpf-sgd, 8 draws", LpfSgdSettings(0.0005, 8, 15.0)
        "rwp", RwpSettings(0.01, 0.5)
    ]

let classes = 100

/// 500 to 5 images, as CIFAR-100's at imbalance factor 100.
let private classCounts =
    [| for j in 0 .. classes - 1 -> int (500.0 * 0.01 ** (float j / 99.0)) |]

let settings precision =
    ModelSettings(
        DrawnBackbone deitTiny,
        10,
        Readout.ClsAndPrompts,
        HeadKind.Cosine,
        HeadInitial.Drawn,
        Tuning.PromptsAndHead,
        null,
        precision
    )

/// What a rule's step takes, in milliseconds.
type Timed =
    {
        /// A step.
        Whole: unit -> float
        /// The class scores of the batch, nothing kept for a backward pass.
        Evaluation: unit -> float
        /// What surrounds its passes: a step whose passes only leave a gradient, by way of a linear loss's backward.
        Around: unit -> float
    }

let prepare (device: torch.Device) precision (backbone: Backbone) size perturbation =
    let model = new Classifier(settings precision, backbone, classes, 0L, device)

    let rule =
        OptimizerSettings(
            SgdSettings(0.005, 0.9, false, 1e-3),
            perturbation,
            ParameterGroups.Alike,
            System.Nullable(),
            System.Nullable(),
            1
        )

    let optimizer = Optimizer.Create(rule, model.Parameters, 0L, classCounts, null)

    let images =
        torch.randn ([| int64 size.Batch; 3L; int64 size.Side; int64 size.Side |], device = device)

    let targets = torch.randint (int64 classes, [| int64 size.Batch |], device = device)
    let parameters = model.Parameters
    let names = parameters.Names |> Seq.toList

    let slopes =
        [ for name in names -> torch.randn (parameters[name].shape, device = device) ]

    let mutable step = 0L

    let real (prepared: torch.Tensor) =
        Pass(fun share backward ->
            use _ = torch.NewDisposeScope()
            let struct (start, count) = share.In size.Batch
            let part = targets.narrow (0L, start, count)

            let losses =
                torch.nn.functional.cross_entropy (
                    model.OutputsOf(prepared.narrow (0L, start, count)) * 25.0,
                    part,
                    reduction = torch.nn.Reduction.None
                )

            let terms = losses / float size.Batch
            backward.Invoke(terms, part)
            terms.detach().sum().MoveToOuterDisposeScope())

    let idle =
        Pass(fun _ backward ->
            use _ = torch.NewDisposeScope()

            let loss =
                List.map2 (fun (name: string) (slope: torch.Tensor) -> (parameters[name] * slope).sum()) names slopes
                |> List.reduce (+)

            backward.Invoke(loss.view 1L, targets.narrow (0L, 0L, 1L))
            loss.detach().MoveToOuterDisposeScope())

    let timed work () =
        let clock = Stopwatch.StartNew()
        use _ = torch.NewDisposeScope()
        work ()

        if device.``type`` = DeviceType.CUDA then
            torch.cuda.synchronize device

        clock.Elapsed.TotalMilliseconds

    let stepped pass () =
        optimizer.Step(pass (), Moment(step, 0, 0.005)) |> ignore
        step <- step + 1L

    let evaluated () =
        use _ = torch.no_grad ()
        model.Outputs images |> ignore

    {
        Whole = timed (stepped (fun () -> real (model.Prepare images)))
        Evaluation = timed evaluated
        Around = timed (stepped (fun () -> idle))
    }

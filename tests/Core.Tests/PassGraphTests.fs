/// A pass that is recorded and replayed is the pass itself. On a CPU a recording is done again by doing it, so that these tests
/// tell whether all which a step brings reaches it; LONGTAIL_DEVICE=cuda has them record graphs.
module LongTail.Tests.PassGraphTests

open System
open TorchSharp
open Expecto
open LongTail.Core
open LongTail.Core.Losses
open LongTail.Core.Models
open LongTail.Core.Optimizers
open LongTail.Core.Settings
open LongTail.Core.Training
open LongTail.Tests.Problems
open LongTail.Tests.SmallRuns
open LongTail.Tests.Tensors

/// Records, and counts how often work was recorded, replayed and released.
type private Counting(record: Recorder) =
    let mutable counts = 0, 0, 0

    let count (recorded, replayed, released) =
        let a, b, c = counts
        counts <- a + recorded, b + replayed, c + released

    member _.Counts = counts

    member _.Record =
        Recorder(fun work ->
            count (1, 0, 0)
            let recording = record.Invoke work

            let replay () =
                count (0, 1, 0)
                recording.Replay()

            let release () =
                count (0, 0, 1)
                recording.Dispose()

            new Recording(replay, release))

let private recorder () =
    match Gpu.Recorder device.Value with
    | null when device.Value.``type`` = DeviceType.CPU -> Recorder(fun work -> new Recording(work, ignore))
    | null -> skiptest $"passes on {device.Value} are not recorded here"
    | record -> record

let private classCounts = [| for j in 0..9 -> 12 - j |]

/// Images of an epoch's batches: the last one is short.
let batches = [ 16L; 16L; 16L; 7L ]

/// Four epochs, class weights from the third on: every step's loss, then its values.
let trained (device: torch.Device) run (over: StepPass -> Pass) =
    use _ = Gpu.OwnStream device
    use _ = torch.NewDisposeScope()
    let settings = settings run
    let seed, schedule = settings.Seed, settings.Schedule
    // A GPU has no native blocks.
    let backbone =
        Backbone.Draw(VisionTransformerShape(16, 8, 24, 2, 2), device, seed).Plain

    use model =
        new Classifier(settings.Model, backbone, classCounts.Length, seed, device)

    use loss = Loss.Create(settings.Loss, classCounts, torch.ScalarType.Float32, device)

    use optimizer =
        Optimizer.Create(settings.Optimizer, model.Parameters, seed, classCounts, null)

    [
        for step in 0 .. schedule.Epochs * batches.Length - 1 do
            use _ = torch.NewDisposeScope()
            let epoch, images = step / batches.Length, batches[step % batches.Length]
            use stream = Randomness.Stream(seed, Purpose.Augmentation, step)

            let inputs =
                torch.randn([| images; 3L; 16L; 16L |], generator = stream).``to`` device

            let labels =
                torch.randint(classCounts.LongLength, [| images |], generator = stream).``to`` device

            let weights =
                ClassWeights.Deferred(schedule.Reweighting, classCounts, epoch)
                |> Option.ofObj
                |> Option.map (fun weights -> torch.tensor (weights, torch.ScalarType.Float32, device))
                |> Option.toObj

            use pass =
                new StepPass(
                    model,
                    loss,
                    inputs,
                    labels,
                    weights,
                    settings.Optimizer.MicroBatches,
                    Loss.Drawn(seed, step, torch.ScalarType.Float32, device),
                    Dropout.Drawn(settings.Model.Dropout, epoch, seed, step, device)
                )

            let value = optimizer.Step(over pass, Moment(step, epoch, 0.02))
            Array.append (numbers value) (numbers model.Parameters.Values)
    ]

/// Runs, how often each is recorded, and its replays. Three passes of a kind go before its recording.
let private runs =
    [
        "sgd", plain, 2, 6
        "gnm", { plain with Perturbation = gnm }, 2, 6
        "sam, two passes a step",
        { plain with
            Perturbation = SamSettings 0.05
        },
        2,
        18
        "asam",
        { plain with
            Perturbation = AsamSettings 0.5
        },
        2,
        18
        "gnm with dropout",
        { plain with
            Perturbation = gnm
            Dropout = DropoutSettings(0.5, false)
        },
        2,
        6
        "sgd with dropout in the first epoch",
        { plain with
            Dropout = DropoutSettings(0.5, true)
        },
        3,
        3
        "gnm in micro-batches",
        { plain with
            Perturbation = gnm
            MicroBatches = 3
        },
        2,
        6
        "gnm of everything",
        { plain with
            Perturbation = gnm
            Tuning = Tuning.Everything
        },
        2,
        6
        "imbsam, whose backwards are its own",
        { plain with
            Perturbation = ImbSamSettings(0.05, 6)
        },
        0,
        0
        "focal-sam, likewise",
        { plain with
            Perturbation = FocalSamSettings(0.05, 2., 0.8)
        },
        0,
        0
        "rwp, in halves",
        { plain with
            Perturbation = RwpSettings(0.01, 0.5)
        },
        0,
        0
        "lpf-sgd, in shares",
        { plain with
            Perturbation = LpfSgdSettings(0.01, 3, 5.)
        },
        0,
        0
    ]

/// On a CPU to the bit; a GPU adds in an order of its own.
let private expectSame (found: float[] list) (expected: float[] list) =
    if device.Value.``type`` = DeviceType.CPU then
        let bits = List.map (Array.map BitConverter.DoubleToInt64Bits)
        Expect.equal (bits found) (bits expected) "steps"
    else
        for found, expected in List.zip found expected do
            expectClose 1e-4 (torch.tensor found) (torch.tensor expected) "a step"

[<Tests>]
let tests =
    testSequenced
    <| testList
        "pass graph"
        [
            for name, run, recorded, replayed in runs do
                test $"{name}: replayed passes give the losses and values of passes that are done" {
                    use _ = torch.NewDisposeScope()
                    let counting = Counting(recorder ())

                    let expected =
                        trained device.Value run (fun step -> Pass(fun share backward -> step.Run(share, backward)))

                    let found =
                        use graph = new PassGraph(batches.Head, counting.Record)
                        trained device.Value run graph.Over

                    expectSame found expected
                    Expect.equal counting.Counts (recorded, replayed, recorded) "recorded, replayed, released"
                }
        ]

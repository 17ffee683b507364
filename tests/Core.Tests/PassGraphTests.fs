/// A pass that is recorded and replayed is the pass itself. Here a recording is done again by doing it: what a GPU makes of one
/// no test here can tell, that all which a step brings reaches it these can.
module LongTail.Tests.PassGraphTests

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

/// In the place of a GPU: how often work was recorded, replayed and released.
type private Again() =
    let mutable counts = 0, 0, 0

    member _.Counts = counts

    member _.Record =
        Recorder(fun work ->
            let count (recorded, replayed, released) =
                let a, b, c = counts
                counts <- a + recorded, b + replayed, c + released

            count (1, 0, 0)

            let replay () =
                count (0, 1, 0)
                work.Invoke()

            new Recording(replay, fun () -> count (0, 0, 1)))

let private classCounts = [| for j in 0..9 -> 12 - j |]

/// Images of an epoch's batches: the last one is short.
let batches = [ 16L; 16L; 16L; 7L ]

/// Four epochs, class weights from the third on: every step's loss and values.
let trained run (over: StepPass -> Pass) =
    use _ = torch.NewDisposeScope()
    let settings = settings run
    let seed, schedule = settings.Seed, settings.Schedule
    use model = new Classifier(settings.Model, classCounts.Length, seed, torch.CPU)
    use loss = Loss.Create(settings.Loss, classCounts)

    use optimizer =
        Optimizer.Create(settings.Optimizer, model.Parameters, seed, classCounts, null)

    [
        for step in 0 .. schedule.Epochs * batches.Length - 1 do
            use _ = torch.NewDisposeScope()
            let epoch, images = step / batches.Length, batches[step % batches.Length]
            use stream = Randomness.Stream(seed, Purpose.Augmentation, step)
            let inputs = torch.randn ([| images; 3L; 16L; 16L |], generator = stream)

            let labels =
                torch.randint (classCounts.LongLength, [| images |], generator = stream)

            let weights =
                ClassWeights.Deferred(schedule.Reweighting, classCounts, epoch)
                |> Option.ofObj
                |> Option.map (fun weights -> torch.tensor (weights, torch.ScalarType.Float32))
                |> Option.toObj

            use pass =
                new StepPass(
                    model,
                    loss,
                    inputs,
                    labels,
                    weights,
                    settings.Optimizer.MicroBatches,
                    Loss.Drawn(seed, step, torch.ScalarType.Float32, torch.CPU),
                    Dropout.Drawn(settings.Model.Dropout, epoch, seed, step, torch.CPU)
                )

            let value = optimizer.Step(over pass, Moment(step, epoch, 0.02))
            bits value, bits model.Parameters.Values
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
        "lpf-sgd, in shares",
        { plain with
            Perturbation = LpfSgdSettings(0.01, 3, 5.)
        },
        0,
        0
    ]

[<Tests>]
let tests =
    testSequenced
    <| testList
        "pass graph"
        [
            for name, run, recorded, replayed in runs do
                test $"{name}: replayed passes give the losses and values of those that are done, bit for bit" {
                    let again = Again()

                    let expected =
                        trained run (fun step -> Pass(fun share backward -> step.Run(share, backward)))

                    let found =
                        use graph = new PassGraph(batches.Head, again.Record)
                        trained run graph.Over

                    Expect.equal found expected "steps"
                    Expect.equal again.Counts (recorded, replayed, recorded) "recorded, replayed, released"
                }
        ]

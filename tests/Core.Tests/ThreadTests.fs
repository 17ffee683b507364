/// A run with a frozen backbone has the same bits on any number of threads, so that workers change no number.
module LongTail.Tests.ThreadTests

open System.Threading
open Expecto
open LongTail.Core.Models
open LongTail.Core.Settings
open LongTail.Core.Training
open LongTail.Tests.SmallRuns
open LongTail.Tests.Tensors

/// Of a size at which libtorch shares its operators' work among threads: 64 patches of 192, in batches of 48.
let private large (run: RunSettings) =
    RunSettings(
        run.Data,
        inputOf [ RandomCrop 4; RandomFlip() ] 32 run.Input.Mean run.Input.Deviation,
        ModelSettings(
            DrawnBackbone(VisionTransformerShape(32, 4, 192, 2, 3)),
            10,
            run.Model.Readout,
            run.Model.Head,
            run.Model.HeadInitial,
            run.Model.Tuning,
            run.Model.Dropout,
            run.Model.Precision
        ),
        run.Loss,
        run.Optimizer,
        run.Schedule,
        run.Evaluation,
        48,
        run.Seed
    )

let private sameOn counts name settings =
    inCifarFolder (fun _ place ->
        let on count =
            let there = place $"{count}"

            there, onThreads count (fun () -> Trainer.Run(settings, there, ignore, CancellationToken.None))

        let alone, expected = on 1

        for count in counts do
            let several, result = on count
            Expect.equal (numbersOf result) (numbersOf expected) $"{name} on {count} threads"
            sameCheckpoints several alone)

let private perturbations: (string * PerturbationSettings | null) list =
    [ "sgd", null; "gnm", gnm; "sam", SamSettings 0.05 ]

[<Tests>]
let tests =
    testSequenced
    <| testList
        "threads"
        [
            for precision in [ Precision.Float32; Precision.BFloat16 ] do
                for name, perturbation in perturbations do
                    for size, sized, counts in [ "small", id, [ 2; 3 ]; "large", large, [ 2 ] ] do
                        testCase $"a {size} run of {name} in {precision} has the same bits on any number" (fun () ->
                            if FrozenBlock.Levels = 0 then
                                skiptest "the kernels are not built, and libtorch's operators have no such bits"

                            { plain with
                                Precision = precision
                                Perturbation = perturbation
                                ClipNorm = Some 0.1
                            }
                            |> settings
                            |> sized
                            |> sameOn counts name)
        ]

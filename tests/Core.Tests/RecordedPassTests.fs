/// What a CUDA graph of a pass would hold, told from the operators that the pass calls on a CPU: they are a GPU's, but for its
/// attention.
module LongTail.Tests.RecordedPassTests

open TorchSharp
open Expecto
open LongTail.Core
open LongTail.Core.Settings
open LongTail.Core.Training
open LongTail.Tests.SmallRuns
open LongTail.Tests.PassGraphTests

/// What the last replay of a run's passes called.
let private recordedOf run =
    let mutable heard: string list = []
    let listen work () = heard <- List.ofSeq (Listener.To work)
    let record = Recorder(fun work -> new Recording(listen work, ignore))
    use graph = new PassGraph(batches.Head, record)
    trained torch.CPU run graph.Over |> ignore
    heard

let private waits =
    set
        [
            "host memory"
            for name in
                [
                    "_local_scalar_dense"
                    "equal"
                    "is_nonzero"
                    "item"
                    "masked_select"
                    "multinomial"
                    "nonzero"
                    "repeat_interleave"
                    "unique"
                ] do
                $"aten::{name}"
        ]

let private draws =
    set
        [
            for name in
                [
                    "bernoulli_"
                    "native_dropout"
                    "normal_"
                    "rand"
                    "randint"
                    "randn"
                    "random_"
                    "randperm"
                    "uniform_"
                ] do
                $"aten::{name}"
        ]

let private runs =
    let losses: (string * LogitSettings * SmoothingSettings | null * FocalSettings | null) list =
        [
            "GCL", GaussianCloudedSettings(0.1, 1.), null, null
            "LDAM, smoothed", LdamSettings(0.5, false), SmoothingSettings(0.3, 0.1, SmoothingShape.Linear, 1.), null
            "logit adjustment, focal", LogitAdjustmentSettings 1., null, FocalSettings(2., false)
            "focal of weighted terms", PlainLogits(), null, FocalSettings(2., true)
        ]

    [
        for tuning in [ Tuning.PromptsAndHead; Tuning.Everything ] do
            for precision in [ Precision.Float32; Precision.BFloat16 ] do
                for name, logits, smoothing, focal in losses do
                    $"{tuning} in {precision} under {name}",
                    { plain with
                        Tuning = tuning
                        Precision = precision
                        Dropout = DropoutSettings(0.5, false)
                        Loss = LossSettings(25., logits, smoothing, focal)
                    }
    ]

[<Tests>]
let tests =
    testSequenced
    <| testList
        "recorded pass"
        [
            for name, run in runs do
                test $"a pass of {name} neither waits for the host nor draws" {
                    let heard = recordedOf run
                    Expect.contains heard "aten::log_softmax" "its forward is heard"
                    Expect.contains heard "aten::_log_softmax_backward_data" "and its backward"
                    Expect.isEmpty (Set.intersect waits (set heard)) "waits"
                    Expect.isEmpty (Set.intersect draws (set heard)) "draws"
                }

            test "numbers that are read or drawn are heard" {
                use _ = torch.NewDisposeScope()

                let heard =
                    Listener.To(fun () ->
                        torch.zeros(3L).normal_().uniform_(0., 1.).ToDouble |> ignore
                        torch.ones(1L).item<float32>() |> ignore)

                for name in [ "aten::normal_"; "aten::uniform_"; "host memory" ] do
                    Expect.contains heard name "heard"

                Expect.isEmpty (Listener.To ignore) "nothing that was not called"
            }
        ]

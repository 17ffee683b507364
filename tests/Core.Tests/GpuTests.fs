/// What a GPU has and a CPU has not: on a CPU none of it does anything.
module LongTail.Tests.GpuTests

open TorchSharp
open Expecto
open LongTail.Core

[<Tests>]
let tests =
    testList
        "gpu"
        [
            test "a CPU has no streams, and nothing to wait for" {
                Expect.isNull (Gpu.OwnStream torch.CPU) "stream"
                Gpu.Finish torch.CPU
            }

            test "passes on a CPU are not recorded" { Expect.isNull (Gpu.Recorder torch.CPU) "recorder" }
        ]

/// What tests of numbers share.
module LongTail.Tests.Tensors

open System
open TorchSharp
open Expecto
open LongTail.Core
open LongTail.Core.Settings

/// `LONGTAIL_DEVICE` has tests that can be computed elsewhere than on the CPU.
let device =
    lazy
        (Environment.GetEnvironmentVariable "LONGTAIL_DEVICE"
         |> Option.ofObj
         |> Option.defaultValue "cpu"
         |> Machine.Device)

/// A file of weights that tells all of itself, under its path for a hash.
let pretrained (file: string) =
    use opened = Models.WeightsFile.Open file

    let heads =
        Option.ofNullable opened.ToldHeads
        |> Option.orElse (Option.ofNullable opened.PublishedHeads)

    PretrainedBackbone(file, file, heads.Value, opened.ToldActivation.Value, opened.Pooling)

/// Runs a test body in a dispose scope of its own.
let scoped body () =
    use _ = torch.NewDisposeScope()
    body ()

/// Runs the body on so many threads.
let onThreads count body =
    let before = torch.get_num_threads ()
    Machine.UseThreads count

    try
        body ()
    finally
        Machine.UseThreads before

/// Tensors that are not disposed; what others have dropped is collected first.
let liveTensors () =
    GC.Collect()
    GC.WaitForPendingFinalizers()
    torch.Tensor.TotalCount

/// ||a - b|| / ||b||
let relativeError (actual: torch.Tensor) (expected: torch.Tensor) =
    let actual, expected = actual.detach().cpu(), expected.detach().cpu()
    ((actual - expected).norm() / expected.norm ()).``to``(torch.ScalarType.Float64).item<float>()

let expectClose tolerance actual expected what =
    Order.isLessThan (relativeError actual expected) tolerance $"relative error of {what}"

let sameBits (left: torch.Tensor) (right: torch.Tensor) =
    let bytes (tensor: torch.Tensor) =
        tensor.detach().cpu().contiguous().bytes.ToArray()

    bytes left = bytes right

/// Same type, shape and bits.
let expectSameBits (actual: torch.Tensor) (expected: torch.Tensor) what =
    Expect.equal actual.shape expected.shape $"shape of {what}"
    Expect.isTrue (sameBits actual expected) $"bits of {what}"

/// Transforms of the training images, then a resize for them and the test images alike.
let inputOf (train: TransformSettings list) (side: int) mean deviation =
    InputSettings([| yield! train; Resize side |], [| Resize side |], mean, deviation)

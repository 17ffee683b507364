/// What this project's own engine promises beyond TorchSharp's names.
module LongTail.Tests.EngineTests

open TorchSharp
open Expecto
open LongTail.Core
open LongTail.Tests.Tensors

[<Tests>]
let tests =
    testList
        "engine"
        [
            testCase "a refused operator is named with its arguments' types and shapes"
            <| scoped (fun () ->
                let left, right = torch.ones [| 2L; 3L |], torch.ones [| 2L; 3L |]

                Expect.throwsC (fun () -> left.matmul right |> ignore) (fun e ->
                    for part in [ "matmul"; "Float32 (2, 3)"; "2x3" ] do
                        Expect.stringContains e.Message part "message"))

            testCase "what a backward pass refuses is an exception too"
            <| scoped (fun () ->
                let leaf = torch.ones([| 2L |]).requires_grad_()
                Expect.throwsT<TorchException> (fun () -> leaf.backward ()) "two numbers have no one gradient")

            testCase "a scope disposes what was made in it and nothing that was handed out"
            <| fun () ->
                let before = liveTensors ()

                let kept =
                    use _ = torch.NewDisposeScope()
                    let inner = torch.ones [| 4L |]
                    (inner + 1.0).DetachFromDisposeScope()

                Expect.equal (liveTensors ()) (before + 1L) "one tensor left"
                Expect.equal (kept.shape) [| 4L |] "its shape"
                kept.Dispose()
                Expect.equal (liveTensors ()) before "none left"
                Expect.throwsT<System.ObjectDisposedException> (fun () -> kept.dim () |> ignore) "a disposed tensor"

            testCase "scopes nest: the outer one owns what moves out of the inner one"
            <| fun () ->
                let before = liveTensors ()

                let inOuter () =
                    use outer = torch.NewDisposeScope()

                    let moved =
                        use _ = torch.NewDisposeScope()
                        torch.ones([| 1L |]).MoveToOuterDisposeScope()

                    Expect.equal outer.DisposablesCount 1 "owned by the outer scope"
                    Expect.isFalse moved.IsInvalid "alive"

                inOuter ()
                Expect.equal (liveTensors ()) before "gone with it"

            testCase "a number is read only as its own type"
            <| scoped (fun () ->
                let doubles = torch.ones ([| 1L |], torch.ScalarType.Float64)

                Expect.throwsT<System.InvalidOperationException>
                    (fun () -> doubles.item<float32>() |> ignore)
                    "float32 of a float64")

            testCase "reading numbers leaves no tensor behind"
            <| scoped (fun () ->
                let tensor = torch.ones [| 1L |]
                let before = liveTensors ()
                tensor.item<float32>() |> ignore
                tensor.data<float32>().ToArray() |> ignore
                Expect.equal (liveTensors ()) before "live tensors")

            testCase "no_grad holds until it is disposed, and nests"
            <| fun () ->
                using (torch.no_grad ()) (fun _ ->
                    using (torch.enable_grad ()) (fun _ -> Expect.isTrue (torch.is_grad_enabled ()) "inside")
                    Expect.isFalse (torch.is_grad_enabled ()) "around")

                Expect.isTrue (torch.is_grad_enabled ()) "after"

            testCase "equal generators give equal numbers, and leave the global one alone"
            <| scoped (fun () ->
                let drawn () =
                    use generator = new torch.Generator(5UL)
                    torch.randn ([| 8L |], generator = generator)

                let globally () =
                    torch.manual_seed 1L |> ignore
                    drawn () |> ignore
                    torch.randn [| 8L |]

                expectSameBits (drawn ()) (drawn ()) "keyed draws"
                torch.manual_seed 1L |> ignore

                expectSameBits
                    (globally ())
                    (torch.manual_seed 1L |> ignore
                     torch.randn [| 8L |])
                    "global draws")

            testCase "a device without streams says so"
            <| fun () ->
                Expect.throwsC (fun () -> new CudaStream(torch.CPU) |> ignore) (fun e ->
                    for part in [ "a stream of cpu"; "doesn't support acquiring a stream" ] do
                        Expect.stringContains e.Message part "message")

            testCase "matrix products run on no BLAS that is known to be slow"
            <| fun () ->
                Expect.isNonEmpty (Machine.BlasLibraries()) "some BLAS is loaded"
                Expect.isNull (Machine.BlasWarning()) "no warning"
        ]

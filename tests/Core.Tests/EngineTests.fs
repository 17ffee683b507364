/// What all code leans on of TorchSharp, and how its errors are told.
module LongTail.Tests.EngineTests

open System.IO
open System.Text.RegularExpressions
open TorchSharp
open Expecto
open LongTail.Core.Interop
open LongTail.Tests.Tensors

[<Tests>]
let tests =
    testList
        "engine"
        [
            testCase "a refused operator is named in one line, with what its shapes are"
            <| scoped (fun () ->
                let left, right = torch.ones [| 2L; 3L |], torch.ones [| 2L; 3L |]

                Expect.throwsC (fun () -> left.mm right |> ignore) (fun e ->
                    Expect.equal
                        (TorchFault.Line e)
                        "mm: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)"
                        "line"

                    let text = TorchFault.Text e
                    Expect.stringContains text "EngineTests" "our own stack"
                    Expect.isFalse (text.Contains "frame #") "no stack of libtorch's"))

            testCase "no source calls the products of TorchSharp that end the process where libtorch refuses them"
            <| fun () ->
                let callers =
                    Directory.GetFiles($"{__SOURCE_DIRECTORY__}/../../src", "*.cs", SearchOption.AllDirectories)
                    |> Array.filter (fun file -> Regex.IsMatch(File.ReadAllText file, @"\b(matmul|cummax|cummin)\("))

                Expect.isEmpty callers "files"

            testCase "a scalar is whole for whoever still reads it when it is freed"
            <| scoped (fun () ->
                let home = System.AppContext.BaseDirectory

                let library =
                    Path.Combine(home, "../../../../../build/engine/liblongtail_scalars.so")

                if not (File.Exists library) then
                    skiptest "no g++ here: build/engine has no liblongtail_scalars.so"

                let hidden =
                    System.Reflection.BindingFlags.Instance
                    ||| System.Reflection.BindingFlags.NonPublic

                let two = Scalar.op_Implicit 2.0
                let handle = (nonNull (typeof<Scalar>.GetProperty("Handle", hidden))).GetValue two
                let made = nonNull (typeof<Scalar>.GetConstructor(hidden, [| typeof<nativeint> |]))

                // As libtorch has it while a finalizer runs: the pointer, and no owner.
                let reader =
                    match made.Invoke [| handle |] with
                    | :? Scalar as reader -> reader
                    | _ -> failtest "no scalar"

                System.GC.SuppressFinalize reader
                two.Dispose()
                // They take the place of what is free.
                let others = [ for _ in 1..100 -> Scalar.op_Implicit 7.0 ]
                Expect.equal ((torch.ones 1L).mul(reader).item<float32>()) 2.f "of the freed one"
                others |> List.iter _.Dispose())

            testCase "what a backward pass refuses is an exception too"
            <| scoped (fun () ->
                let leaf = torch.ones([| 2L |]).requires_grad_()

                Expect.throwsC (fun () -> leaf.backward ()) (fun e ->
                    Expect.equal
                        (TorchFault.Line e)
                        "backward: grad can be implicitly created only for scalar outputs"
                        "line"))

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
                Expect.throwsT<System.InvalidOperationException> (fun () -> kept.dim () |> ignore) "a disposed tensor"

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

                Expect.throwsT<System.ArgumentException>
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
        ]

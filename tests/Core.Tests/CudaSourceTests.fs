/// The part of the door that only CUDA's headers let through is compiled where they are not, against names in their place
/// (tests/native): with this machine's libtorch, and as for a newer one.
module LongTail.Tests.CudaSourceTests

open System
open System.Diagnostics
open TorchSharp
open Expecto

let private built = $"{__SOURCE_DIRECTORY__}/../../src/LibTorch.CSharp/native/build"

let private chosen name =
    Environment.GetEnvironmentVariable name |> String.IsNullOrEmpty |> not

[<Tests>]
let tests =
    testList
        "cuda source"
        [
            test "compiles" {
                if chosen "LIBTORCH" || chosen "Torch_DIR" then
                    skiptest "the names in the place of CUDA's are those that Debian's libtorch wants"

                let info =
                    ProcessStartInfo(
                        "cmake",
                        [ "--build"; built; "--target"; "cuda_compiles" ],
                        RedirectStandardOutput = true,
                        RedirectStandardError = true
                    )

                use compiler = Process.Start info |> Option.ofObj |> Option.get
                let faults = compiler.StandardError.ReadToEndAsync()
                compiler.StandardOutput.ReadToEnd() |> ignore
                compiler.WaitForExit()
                Expect.equal compiler.ExitCode 0 $"{faults.Result}"
            }

            test "a door without CUDA has no graphs, and says so" {
                if CudaGraph.Available then
                    skiptest "this door has CUDA"

                Expect.throwsC (fun () -> CudaGraph.Of(torch.CPU, ignore) |> ignore) (fun e ->
                    Expect.equal
                        e.Message
                        "a CUDA graph cannot be begun: the native door was built without CUDA"
                        "message")
            }
        ]

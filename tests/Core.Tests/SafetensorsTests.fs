module LongTail.Tests.SafetensorsTests

open System
open System.Collections.Generic
open System.IO
open System.Text
open Expecto
open TorchSharp
open LongTail.Core.Files
open LongTail.Tests.TempFolder

type private ScalarType = torch.ScalarType

let private types =
    [|
        ScalarType.Float32
        ScalarType.Float64
        ScalarType.Float16
        ScalarType.BFloat16
        ScalarType.Int64
        ScalarType.Int32
        ScalarType.Byte
        ScalarType.Bool
    |]

/// A tensor of any type with two sizes, whose bytes are drawn from the seed.
let private tensor (kind: byte, rows: byte, columns: byte, seed: int) =
    let kind = types[int kind % types.Length]
    let tensor = torch.zeros ([| int64 (rows % 5uy); int64 (columns % 7uy) |], kind)

    if tensor.numel () > 0L then
        let bytes = Array.zeroCreate<byte> tensor.bytes.Length
        Random(seed).NextBytes bytes

        let bytes =
            if kind = ScalarType.Bool then
                bytes |> Array.map (fun b -> b % 2uy)
            else
                bytes

        bytes.AsSpan().CopyTo tensor.bytes

    tensor

let private content (tensor: torch.Tensor) =
    let bytes =
        if tensor.numel () = 0L then
            [||]
        else
            tensor.bytes.ToArray()

    tensor.dtype, List.ofArray tensor.shape, bytes

let private raw (header: byte[]) (data: byte[]) =
    Array.concat [ BitConverter.GetBytes(int64 header.Length); header; data ]

let private readerTests =
    testList
        "reading"
        [
            testCase "values are little-endian, in the order of the shape" (fun () ->
                inTempFolder (fun folder ->
                    let path = Path.Combine(folder, "small.safetensors")

                    let header =
                        """{"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"__metadata__":{"a":"b"},"s":{"dtype":"I64","shape":[],"data_offsets":[8,16]}}   """

                    let data =
                        Array.concat
                            [
                                BitConverter.GetBytes 1.5f
                                BitConverter.GetBytes -2f
                                BitConverter.GetBytes 7L
                            ]

                    File.WriteAllBytes(path, raw (Encoding.UTF8.GetBytes header) data)
                    use scope = torch.NewDisposeScope()
                    use file = Safetensors.Read path
                    let w = file["w"]
                    Expect.equal (w.shape, w.dtype) ([| 2L; 1L |], ScalarType.Float32) "shape and type"
                    Expect.equal (w.data<float32>().ToArray()) [| 1.5f; -2f |] "values"
                    Expect.equal (file["s"].item<int64>()) 7L "a single number"
                    Expect.equal [ for entry in file.Tensors -> entry.Name ] [ "w"; "s" ] "names"
                    Expect.equal [ for pair in file.Metadata -> pair.Key, pair.Value ] [ "a", "b" ] "metadata"

                    let message = inputError (fun () -> file["x"])
                    Expect.stringContains message "no tensor x" "a name that is not there"))

            testCase "a file that is another model's is refused with all that differs" (fun () ->
                inTempFolder (fun folder ->
                    let path = Path.Combine(folder, "other.safetensors")
                    use scope = torch.NewDisposeScope()
                    let zeros (size: int64) = torch.zeros [| size |]

                    Safetensors.Write(
                        path,
                        readOnlyDict [ "a", zeros 1L; "b", zeros 2L; "c", zeros 3L; "head.bias", zeros 4L ]
                    )

                    use file = Safetensors.Read path
                    let ignored = Func<string, bool>(fun name -> name.StartsWith "head.")

                    let require (expected: (string * int64) list) =
                        file.Require([| for name, size in expected -> struct (name, [| size |]) |], ignored)

                    require [ "a", 1L; "b", 2L; "c", 3L ]
                    let message = inputError (fun () -> require [ "a", 1L; "c", 4L; "d", 1L; "e", 1L ])
                    Expect.stringContains message "missing: d, e;" "missing"
                    Expect.stringContains message "unexpected: b;" "unexpected"
                    Expect.stringContains message "other shape: c [3] for [4]" "other shape"))
        ]

let private writerTests =
    testList
        "writing"
        [
            testProperty
                "what was written is read"
                (fun (drawn: (byte * byte * byte * int) list) (metadata: Map<int, char>) ->
                    inTempFolder (fun folder ->
                        let path = Path.Combine(folder, "new folder", "written.safetensors")
                        use scope = torch.NewDisposeScope()

                        let named =
                            drawn |> List.mapi (fun i description -> $"\"{i}\" ü", tensor description)
                        // A lone surrogate is no text that UTF-8 can hold.
                        let metadata =
                            [
                                for pair in metadata do
                                    if not (Char.IsSurrogate pair.Value) then
                                        string pair.Key, string pair.Value
                            ]

                        Safetensors.Write(path, readOnlyDict named, readOnlyDict metadata)
                        use file = Safetensors.Read path

                        for name, tensor in named do
                            Expect.equal (content file[name]) (content tensor) name

                        Expect.equal file.Tensors.Count named.Length "nothing else"

                        Expect.equal
                            (set [ for pair in file.Metadata -> pair.Key, pair.Value ])
                            (set metadata)
                            "metadata"

                        let bytes = File.ReadAllBytes path
                        Expect.equal (BitConverter.ToInt64(bytes, 0) % 8L) 0L "data starts at a multiple of 8"
                        Safetensors.Write(path, readOnlyDict (List.rev named), readOnlyDict (List.rev metadata))
                        Expect.equal (File.ReadAllBytes path) bytes "the order of writing does not matter"))

            testCase "a tensor that is a view, or that needs a gradient, is written by its values" (fun () ->
                inTempFolder (fun folder ->
                    let path = Path.Combine(folder, "view.safetensors")
                    use scope = torch.NewDisposeScope()
                    let whole = torch.arange(6, ScalarType.Float32).view(2L, 3L)
                    let leaf = torch.ones([| 2L |]).requires_grad_()
                    Safetensors.Write(path, readOnlyDict [ "t", whole.transpose (0L, 1L); "leaf", leaf ])
                    use file = Safetensors.Read path
                    Expect.equal (file["t"].data<float32>().ToArray()) [| 0f; 3f; 1f; 4f; 2f; 5f |] "transposed"
                    Expect.equal (file["leaf"].data<float32>().ToArray()) [| 1f; 1f |] "leaf"))

            testCase "a place that cannot be written is named" (fun () ->
                inTempFolder (fun folder ->
                    let path = Path.Combine(folder, "file")
                    File.WriteAllText(path, "")
                    let inside = Path.Combine(path, "x.safetensors")

                    let message =
                        inputError (fun () -> Safetensors.Write(inside, Dictionary<string, torch.Tensor>()))

                    Expect.stringContains message inside "where"))
        ]

[<Tests>]
let tests = testList "safetensors" [ readerTests; writerTests ]
